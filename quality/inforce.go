package quality

import "time"

// InForce returns the restrictions that hold at now, sorted by type, those
// that block no message included.
func (s State) InForce(now time.Time) []Restriction {
	var in []Restriction
	for _, r := range s.Restrictions {
		if r.active(now, s.Lifted) {
			in = append(in, r)
		}
	}
	return in
}
