package window

// placed is a send's position and stamp.
type placed struct {
	position uint32
	at       int64
}

// folding is what is to be known of a recipient's live sends to fold them.
type folding struct {
	committed int
	oldest    placed // of the committed
	next      int64  // the stamp of the committed one after it
	floor     placed
	spare     uint32 // an earlier floor, of which there is no use
}

var unfolded = folding{oldest: placed{nowhere, forever}, next: forever, floor: placed{nowhere, never}, spare: nowhere}

// commit takes in a committed send.
func (f *folding) commit(s placed) {
	f.committed++
	if s.at < f.oldest.at {
		s, f.oldest = f.oldest, s
	}
	f.next = min(f.next, s.at)
}

// seal takes in a floor.
func (f *folding) seal(s placed) {
	if s.at > f.floor.at {
		s, f.floor = f.floor, s
	}
	if s.position != nowhere {
		f.spare = s.position
	}
}

// fold makes the recipient's committed sends beyond the latest few its floor,
// and forgets those that the floor has caught up with.
func (w *Window) fold(who code) {
	for done := false; !done; {
		f := unfolded
		for position := range w.sends(who) {
			s := placed{position, w.slab.stamp(position)}
			switch e := w.slab.entry(position); {
			case !w.live(s.at):
			case e.state() == floor:
				f.seal(s)
			case e.state() == committed:
				f.commit(s)
			}
		}
		done = w.foldBy(&f)
	}
}

// foldBy makes one step of fold, and reports whether it was the last. One send
// too many is the rule, and takes one step.
func (w *Window) foldBy(f *folding) bool {
	switch {
	case f.spare != nowhere:
		w.undo(f.spare)
		return f.committed == 0
	case f.oldest.position != nowhere && f.oldest.at <= f.floor.at:
		w.undo(f.oldest.position)
	case f.committed > releasable:
		w.unmerge(w.slab.id(f.oldest.position))
		w.slab.entry(f.oldest.position).seal(floor)
		if f.floor.position != nowhere {
			w.undo(f.floor.position)
		}
		return f.committed == releasable+1 && f.next > f.oldest.at
	default:
		return true
	}
	return false
}
