package storetest_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/memstore"
)

// bent is a store some of whose verbs are wrong.
type bent struct {
	governor.Store
	admit    func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error)
	settle   func(ctx context.Context, s governor.Store, end governor.Settlement) error
	inbound  func(ctx context.Context, s governor.Store, in governor.InboundMark) error
	delivery func(ctx context.Context, s governor.Store, d governor.DeliveryMark) error
	consent  func(ctx context.Context, s governor.Store, c governor.ConsentMark) error
	shut     func(ctx context.Context, s governor.Store, account, number, customer string, at time.Time) error
	alias    func(ctx context.Context, s governor.Store, account, alias, canonical string, now time.Time) error
	usage    func(ctx context.Context, s governor.Store, u governor.UsageAsk) (governor.Usage, error)
	tally    func(ctx context.Context, s governor.Store, m governor.TallyMark) error
	save     func(ctx context.Context, s governor.Store, account string, next governor.State) (governor.State, bool, error)
}

func (b *bent) Admit(ctx context.Context, a governor.Admission) (governor.Verdict, error) {
	if b.admit != nil {
		return b.admit(ctx, b.Store, a)
	}
	return b.Store.Admit(ctx, a)
}

func (b *bent) Settle(ctx context.Context, end governor.Settlement) error {
	if b.settle != nil {
		return b.settle(ctx, b.Store, end)
	}
	return b.Store.Settle(ctx, end)
}

func (b *bent) Inbound(ctx context.Context, in governor.InboundMark) error {
	if b.inbound != nil {
		return b.inbound(ctx, b.Store, in)
	}
	return b.Store.Inbound(ctx, in)
}

func (b *bent) Delivery(ctx context.Context, d governor.DeliveryMark) error {
	if b.delivery != nil {
		return b.delivery(ctx, b.Store, d)
	}
	return b.Store.Delivery(ctx, d)
}

func (b *bent) Consent(ctx context.Context, c governor.ConsentMark) error {
	if b.consent != nil {
		return b.consent(ctx, b.Store, c)
	}
	return b.Store.Consent(ctx, c)
}

func (b *bent) CloseWindow(ctx context.Context, account, number, customer string, at time.Time) error {
	if b.shut != nil {
		return b.shut(ctx, b.Store, account, number, customer, at)
	}
	return b.Store.CloseWindow(ctx, account, number, customer, at)
}

func (b *bent) Alias(ctx context.Context, account, alias, canonical string, now time.Time) error {
	if b.alias != nil {
		return b.alias(ctx, b.Store, account, alias, canonical, now)
	}
	return b.Store.Alias(ctx, account, alias, canonical, now)
}

func (b *bent) Usage(ctx context.Context, u governor.UsageAsk) (governor.Usage, error) {
	if b.usage != nil {
		return b.usage(ctx, b.Store, u)
	}
	return b.Store.Usage(ctx, u)
}

func (b *bent) Tally(ctx context.Context, m governor.TallyMark) error {
	if b.tally != nil {
		return b.tally(ctx, b.Store, m)
	}
	return b.Store.Tally(ctx, m)
}

func (b *bent) SaveState(ctx context.Context, account string, next governor.State) (governor.State, bool, error) {
	if b.save != nil {
		return b.save(ctx, b.Store, account, next)
	}
	return b.Store.SaveState(ctx, account, next)
}

// admission makes a store that changes what it is asked.
func admission(change func(a *governor.Admission)) func() governor.Store {
	return func() governor.Store {
		return &bent{Store: memstore.New(), admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
			change(&a)
			return s.Admit(ctx, a)
		}}
	}
}

// current makes a store that decides on its own state, whatever the caller's.
func current() governor.Store {
	return &bent{Store: memstore.New(), admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
		v, err := s.Admit(ctx, a)
		if err == nil && v.Outcome == governor.Stale {
			a.Version = v.State.Version
			v, err = s.Admit(ctx, a)
		}
		return v, err
	}}
}

// memory is what a broken store keeps beside the ledger.
type memory[K comparable, V any] struct {
	mu sync.Mutex
	of map[K]V
}

func (m *memory[K, V]) get(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.of[key]
	return v, ok
}

func (m *memory[K, V]) put(key K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[K]V{}
	}
	m.of[key] = v
}

// broken are stores with one fault each, and the part of the suite that has to
// find it.
var broken = map[string]struct {
	new    func() governor.Store
	caught string
}{
	"forgets on cancel": {func() governor.Store {
		return &bent{Store: memstore.New(), settle: func(ctx context.Context, s governor.Store, end governor.Settlement) error {
			if !end.Sent {
				return ctx.Err()
			}
			return s.Settle(ctx, end)
		}}
	}, "Contract/Settle"},
	"books twice on a repeated token": {func() governor.Store {
		var fresh memory[governor.Token, uint64]
		return &bent{Store: memstore.New(), admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
			n, again := fresh.get(a.Token)
			fresh.put(a.Token, n+1)
			if again {
				a.Token.Hi += n << 32
			}
			return s.Admit(ctx, a)
		}}
	}, "Contract/Token"},
	"frees a slot a millisecond early": {admission(func(a *governor.Admission) { a.Now = a.Now.Add(time.Millisecond) }), "Contract/Admit"},
	"holds a slot at exactly 24 hours": {admission(func(a *governor.Admission) { a.Stamp = a.Stamp.Add(time.Millisecond) }), "Contract/Admit"},
	"has room for one more":            {admission(func(a *governor.Admission) { a.Limit++ }), "Contract/Admit"},
	"lets no holder pass":              {admission(func(a *governor.Admission) { a.HoldersPass = false }), "Contract/Admit"},
	"ignores the version":              {current, "Contract/State"},
	"counts a probe":                   {admission(func(a *governor.Admission) { a.Probe = false }), "Contract/Admit"},
	"has no pair rate":                 {admission(func(a *governor.Admission) { a.PairRate = governor.Rate{} }), "Contract/Pair_rate"},
	"goes by the latest time alone":    {newestClock, "Contract/Pace"},
	"follows whoever asks": {func() governor.Store {
		return &bent{Store: memstore.New(), admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
			if a.Probe {
				if _, err := s.Admit(ctx, governor.Admission{Account: a.Account, Version: a.Version, Now: a.Now, Stamp: a.Stamp, Kind: governor.Reply}); err != nil {
					return governor.Verdict{}, err
				}
			}
			return s.Admit(ctx, a)
		}}
	}, "Contract/Pace"},
	"knows two topics": {admission(func(a *governor.Admission) { a.Topics[2] = "" }), "Contract/Consent"},
	"does not reckon with what holds a send back": {
		admission(func(a *governor.Admission) { a.NotBefore = time.Time{} }), "Contract/Admit",
	},
	"folds recipients to lower case": {admission(func(a *governor.Admission) { a.Recipient = strings.ToLower(a.Recipient) }), "Contract/Strings"},
	"cuts recipients at a NUL": {
		admission(func(a *governor.Admission) { a.Recipient, _, _ = strings.Cut(a.Recipient, "\x00") }), "Contract/Strings",
	},
	"keeps half of a token":      {admission(func(a *governor.Admission) { a.Token.Hi = 0 }), "Contract/Token"},
	"has one ledger for all":     {admission(func(a *governor.Admission) { a.Account = "all" }), "Contract"},
	"goes by a time of its own":  {admission(func(a *governor.Admission) { a.Now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }), "Contract"},
	"refuses replies to unknown": {unknownReplies, "Contract/Inbound"},
	"checks and then books":      {func() governor.Store { return &hasty{Store: memstore.New()} }, "Concurrency"},
	"loses a renewal": {func() governor.Store {
		var held memory[[2]string, time.Time]
		return &bent{Store: memstore.New(), admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
			key := [2]string{a.Account, a.Recipient}
			if at, ok := held.get(key); ok && a.Now.Sub(at) < 24*time.Hour && a.Kind == governor.Notification {
				a.Probe = true
			}
			v, err := s.Admit(ctx, a)
			if v.Outcome == governor.Admitted && v.Counted && !a.Probe {
				held.put(key, a.Now)
			}
			return v, err
		}}
	}, "Contract/Admit"},
	"gives back a slot that another message needs": {func() governor.Store {
		var ids memory[string, []string] // by recipient
		var whose memory[string, string]
		return &bent{
			Store: memstore.New(),
			settle: func(ctx context.Context, s governor.Store, end governor.Settlement) error {
				if end.Sent {
					all, _ := ids.get(end.Recipient)
					ids.put(end.Recipient, append(all, end.MessageID))
					whose.put(end.MessageID, end.Recipient)
				}
				return s.Settle(ctx, end)
			},
			delivery: func(ctx context.Context, s governor.Store, d governor.DeliveryMark) error {
				who, known := whose.get(d.MessageID)
				if all, _ := ids.get(who); d.Failed && known {
					for _, d.MessageID = range all {
						if err := s.Delivery(ctx, d); err != nil {
							return err
						}
					}
				}
				return s.Delivery(ctx, d)
			},
		}
	}, "Contract/Delivery"},
	"forgets a failure that comes before the answer": {func() governor.Store {
		var settled memory[string, bool]
		return &bent{
			Store: memstore.New(),
			settle: func(ctx context.Context, s governor.Store, end governor.Settlement) error {
				settled.put(end.MessageID, true)
				return s.Settle(ctx, end)
			},
			delivery: func(ctx context.Context, s governor.Store, d governor.DeliveryMark) error {
				if known, _ := settled.get(d.MessageID); d.Failed && !known {
					return ctx.Err()
				}
				return s.Delivery(ctx, d)
			},
		}
	}, "Contract/Delivery"},
	"settles tokens that it does not know": {func() governor.Store {
		return &bent{Store: memstore.New(), settle: func(ctx context.Context, s governor.Store, end governor.Settlement) error {
			if end.Sent && end.Token.Hi == 7 {
				state, err := s.LoadState(ctx, end.Account)
				if err != nil {
					return err
				}
				if _, err := s.Admit(ctx, governor.Admission{
					Account: end.Account, Version: state.Version, Now: end.Now, Stamp: end.Stamp, Recipient: end.Recipient, Limit: math.MaxInt,
				}); err != nil {
					return err
				}
			}
			return s.Settle(ctx, end)
		}}
	}, "Contract/Settle"},
	"shares aliases between accounts": {func() governor.Store {
		return &bent{Store: memstore.New(), alias: func(ctx context.Context, s governor.Store, _, alias, canonical string, now time.Time) error {
			for _, account := range []string{"portfolio", "other"} {
				if err := s.Alias(ctx, account, alias, canonical, now); err != nil {
					return err
				}
			}
			return nil
		}}
	}, "Contract/Close"},
	"learns nothing from answers": {func() governor.Store {
		return &bent{Store: memstore.New(), settle: func(ctx context.Context, s governor.Store, end governor.Settlement) error {
			end.Canonical = ""
			return s.Settle(ctx, end)
		}}
	}, "Contract/Settle"},
	"swallows errors": {func() governor.Store {
		return &bent{Store: memstore.New(), settle: func(ctx context.Context, s governor.Store, end governor.Settlement) error {
			_ = s.Settle(ctx, end)
			return nil
		}}
	}, "Contract/Close"},
	"goes on when its caller has left": {func() governor.Store {
		return &bent{Store: memstore.New(), inbound: func(ctx context.Context, s governor.Store, in governor.InboundMark) error {
			return s.Inbound(context.WithoutCancel(ctx), in)
		}}
	}, "Contract/Close"},
	"takes a doubtful message for one": {func() governor.Store {
		return &bent{Store: memstore.New(), inbound: func(ctx context.Context, s governor.Store, in governor.InboundMark) error {
			in.Uncertain = false
			return s.Inbound(ctx, in)
		}}
	}, "Contract/Inbound"},
	"does not believe the platform": {func() governor.Store {
		return &bent{Store: memstore.New(), shut: func(ctx context.Context, _ governor.Store, _, _, _ string, _ time.Time) error {
			return ctx.Err()
		}}
	}, "Contract/Inbound"},
	"lets an older word count": {func() governor.Store {
		return &bent{Store: memstore.New(), consent: func(ctx context.Context, s governor.Store, c governor.ConsentMark) error {
			if c.Until.IsZero() {
				c.At = c.Now
			}
			return s.Consent(ctx, c)
		}}
	}, "Contract/Consent"},
	"backs off no further": {func() governor.Store {
		return &bent{Store: memstore.New(), consent: func(ctx context.Context, s governor.Store, c governor.ConsentMark) error {
			c.Backoff = false
			return s.Consent(ctx, c)
		}}
	}, "Contract/Consent"},
	"forgets what is needed": {func() governor.Store {
		return &bent{Store: memstore.New(), usage: func(ctx context.Context, s governor.Store, u governor.UsageAsk) (governor.Usage, error) {
			u.Need = 1
			return s.Usage(ctx, u)
		}}
	}, "Contract/Usage"},
	"counts by its caller's day": {func() governor.Store {
		return &bent{Store: memstore.New(), tally: func(ctx context.Context, s governor.Store, m governor.TallyMark) error {
			_, offset := m.At.Zone()
			m.At = m.At.Add(time.Duration(offset) * time.Second)
			return s.Tally(ctx, m)
		}}
	}, "Contract/Tally"},
	"saves over what is newer": {func() governor.Store {
		return &bent{Store: memstore.New(), save: func(ctx context.Context, s governor.Store, account string, next governor.State) (governor.State, bool, error) {
			stored, saved, err := s.SaveState(ctx, account, next)
			if err == nil && !saved {
				next.Version = stored.Version
				return s.SaveState(ctx, account, next)
			}
			return stored, saved, err
		}}
	}, "Contract/State"},
}

// newestClock makes a store to which a clock that has jumped ahead is the true one
// for good.
func newestClock() governor.Store {
	var newest memory[string, time.Time]
	return &bent{Store: memstore.New(), admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
		if at, _ := newest.get(a.Account); at.After(a.Now) {
			a.Now = at
		}
		newest.put(a.Account, a.Now)
		return s.Admit(ctx, a)
	}}
}

func unknownReplies() governor.Store {
	var heard memory[[2]string, bool]
	return &bent{
		Store: memstore.New(),
		admit: func(ctx context.Context, s governor.Store, a governor.Admission) (governor.Verdict, error) {
			if known, _ := heard.get([2]string{a.Number, a.Recipient}); a.Kind == governor.Reply && !known {
				return governor.Verdict{Outcome: governor.ReplyClosed}, ctx.Err()
			}
			return s.Admit(ctx, a)
		},
		inbound: func(ctx context.Context, s governor.Store, in governor.InboundMark) error {
			heard.put([2]string{in.Number, in.Customer}, true)
			return s.Inbound(ctx, in)
		},
	}
}

// forgetful are ways of opening a store again that lose something.
var forgetful = map[string]func(t testing.TB, s governor.Store) governor.Store{
	"forgets everything when it is closed": func(t testing.TB, _ governor.Store) governor.Store {
		t.Helper()
		return newDisk(memstore.New())
	},
	"forgets when it is closed what is under way":  losing("Settle"),
	"forgets when it is closed what failed":        losing("Delivery"),
	"forgets when it is closed who asked for what": losing("Consent"),
	"forgets when it is closed who is who":         losing("Alias"),
}

// losing opens a store again on which a verb does nothing any more for what was
// there before.
func losing(verb string) func(t testing.TB, s governor.Store) governor.Store {
	return func(t testing.TB, s governor.Store) governor.Store {
		t.Helper()
		again := reopen(t, s)
		again.Set(func(_ context.Context, called string, apply func() error) error {
			if called == verb {
				return nil
			}
			return apply()
		})
		return again
	}
}
