package window

import "sync/atomic"

// record is all that is known of a customer.
type record struct{ inbound, maybe, shut atomic.Int64 }

// times returns the times of one moment. They only ever move forward, so two
// readings that agree are of the moment between them.
func (r *record) times() times {
	for t := r.read(); ; {
		again := r.read()
		if again == t {
			return t
		}
		t = again
	}
}

func (r *record) read() times {
	return times{r.inbound.Load(), r.maybe.Load(), r.shut.Load()}
}

func (r *record) put(t times) {
	r.inbound.Store(t.inbound)
	r.maybe.Store(t.maybe)
	r.shut.Store(t.shut)
}

// renew moves each time forward, never back.
func (r *record) renew(t times) {
	old := r.read()
	r.put(times{max(old.inbound, t.inbound), max(old.maybe, t.maybe), max(old.shut, t.shut)})
}

// records of a table are only added to. When there is no room they move, and a
// reader at those left behind finds what was true when it began.
type records struct {
	all  atomic.Pointer[[]record]
	used int
}

// add returns where the new record is.
func (r *records) add(t times) int64 {
	var all []record
	if p := r.all.Load(); p != nil {
		all = *p
	}
	if r.used == len(all) {
		more := make([]record, 1+r.used*5/4)
		for i := range all {
			more[i].put(all[i].read())
		}
		r.all.Store(&more)
		all = more
	}
	all[r.used].put(t)
	r.used++
	return int64(r.used - 1)
}

func (r *records) at(i int64) *record { return &(*r.all.Load())[i] }
