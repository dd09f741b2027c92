package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/pack"
	"github.com/sendgov/sendgov/window"
)

// binaryVersion is the first byte of an account's books.
const binaryVersion = 1

// ErrCorrupt is what books come to that are not as they were written.
var ErrCorrupt = errors.New("ledger: corrupt")

// AppendBinary appends the account's books to b, to the last detail: what is
// read back from them answers every verb as this account does.
func (a *Account) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, binaryVersion)
	b = pack.Time(pack.Time(b, a.now), a.paced.told)
	b = pack.Bytes(pack.Uint(b, a.state.Version), a.state.Data)

	// Parts of package window come with their length, to be read by it.
	b = pack.Bool(b, a.slots != nil)
	var part []byte
	var err error
	add := func(p interface {
		AppendBinary(b []byte) ([]byte, error)
	},
	) {
		var e error
		part, e = p.AppendBinary(part[:0])
		b, err = pack.Bytes(b, part), errors.Join(err, e)
	}
	if a.slots != nil {
		add(a.slots)
	}
	add(&a.service)

	b = pack.Uint(b, uint64(len(a.inbounds)))
	for _, number := range slices.Sorted(maps.Keys(a.inbounds)) {
		b = pack.String(b, number)
	}
	b = a.appendRates(b)

	b = pack.Uint(pack.Uint(b, uint64(len(a.bookings.entries))), uint64(a.bookings.hand))
	for _, e := range a.bookings.entries {
		b = pack.Fixed(pack.Fixed(b, e.key.Hi), e.key.Lo)
		b = pack.String(pack.String(b, e.value.number), e.value.recipient)
		b = pack.Time(pack.Bool(pack.Bool(b, e.value.counted), e.value.reply), time.Unix(e.value.at, 0).UTC())
		add(e.value.ticket)
	}
	b = pack.Uint(pack.Uint(b, uint64(len(a.messages.entries))), uint64(a.messages.hand))
	for _, e := range a.messages.entries {
		b = pack.Bool(pack.String(appendID(b, e.key), e.value.recipient), e.value.delivered)
		add(e.value.ticket)
	}

	b = appendLRU(b, a.sorts, appendID, func(b []byte, s governor.Sort) []byte { return append(b, byte(s)) })
	b = appendLRU(b, a.early, appendID, func(b []byte, _ struct{}) []byte { return b })
	b = appendLRU(b, a.aliases, pack.String, pack.String)
	b = appendDays(a.appendConsents(b), a.days)
	// Last, and only where a clock has gone back: what was written before that was
	// reckoned with is the same.
	if a.paced.gained > 0 {
		b = pack.Int(b, a.paced.gained)
	}
	return b, err
}

// UnmarshalBinary replaces the account by what AppendBinary has written. After
// an error the account is not to be used.
func (a *Account) UnmarshalBinary(data []byte) error {
	r := pack.Read(data)
	if r.Byte() != binaryVersion {
		return fmt.Errorf("%w: not of a version that can be read", ErrCorrupt)
	}
	*a = Account{now: r.Time(), paced: pace{told: r.Time()}}
	a.state = governor.State{Version: r.Uint(), Data: slices.Clone(r.Bytes())}
	if a.state.Version == 0 {
		a.state.Data = nil
	}
	if r.Bool() {
		a.slots = &window.Window{}
		if a.slots.UnmarshalBinary(r.Bytes()) != nil {
			r.Fail()
		}
	}
	if a.service.UnmarshalBinary(r.Bytes()) != nil {
		r.Fail()
	}
	for range r.Len(1) {
		if a.inbounds == nil {
			a.inbounds = map[string]struct{}{}
		}
		a.inbounds[r.String()] = struct{}{}
	}
	a.readRates(r)
	a.readBookings(r)
	a.readMessages(r)
	a.sorts = readLRU(r, maxSorts, 17, readID, func(r *pack.Reader) governor.Sort { return governor.Sort(r.Byte()) })
	a.early = readLRU(r, maxEarly, 16, readID, func(*pack.Reader) struct{} { return struct{}{} })
	a.aliases = readLRU(r, maxAliases, 2, (*pack.Reader).String, (*pack.Reader).String)
	a.readConsents(r)
	a.days = readDays(r)
	if r.More() {
		if a.paced.gained = r.Int(); a.paced.gained <= 0 {
			r.Fail()
		}
	}
	if r.Close() != nil {
		return ErrCorrupt
	}
	a.leaveNoneAhead()
	return nil
}

// leaveNoneAhead brings buckets to the pace that an earlier version had left in
// a false future.
func (a *Account) leaveNoneAhead() {
	at := a.paced.at()
	for _, r := range a.rates {
		r.own.at = min(r.own.at, at)
		for i := range r.pairs.entries {
			b := r.pairs.at(i)
			b.at = min(b.at, at)
		}
	}
}

// readTicket reads one that was issued by the account's window.
func (a *Account) readTicket(r *pack.Reader) window.Ticket {
	data := r.Bytes()
	if r.Err() != nil {
		return window.Ticket{}
	}
	t, err := a.window().UnmarshalTicket(data)
	if err != nil {
		r.Fail()
	}
	return t
}

func (a *Account) readBookings(r *pack.Reader) {
	n := r.Len(20)
	a.bookings.expect(n)
	a.bookings.hand = r.Size()
	for range n {
		token := governor.Token{Hi: r.Fixed(), Lo: r.Fixed()}
		b := booking{number: r.String(), recipient: r.String(), counted: r.Bool(), reply: r.Bool(), at: r.Time().Unix()}
		b.ticket = a.readTicket(r)
		a.bookings.put(hashToken(token), token, b)
	}
	if len(a.bookings.entries) != n {
		r.Fail()
	}
}

func (a *Account) readMessages(r *pack.Reader) {
	n := r.Len(19)
	a.messages.expect(n)
	a.messages.hand = r.Size()
	for range n {
		id := readID(r)
		m := message{recipient: r.String(), delivered: r.Bool()}
		m.ticket = a.readTicket(r)
		a.messages.put(hashID(id), id, m)
	}
	if len(a.messages.entries) != n || n > 0 && a.slots == nil {
		r.Fail()
	}
}

func (a *Account) appendRates(b []byte) []byte {
	bucket := func(b []byte, x bucket) []byte {
		return pack.Int(pack.Int(pack.Int(pack.Int(b, x.at), x.debt), x.every), x.burst)
	}
	b = pack.Uint(b, uint64(len(a.rates)))
	for _, number := range slices.Sorted(maps.Keys(a.rates)) {
		r := a.rates[number]
		// The room for pairs, whether there are any, and how many: they once had
		// no more than so much room, and who reads this may be that old.
		n := len(r.pairs.entries)
		b = pack.Uint(bucket(pack.String(b, number), r.own), uint64(n))
		if b = pack.Bool(b, n > 0); n > 0 {
			b = pack.Uint(b, uint64(n))
		}
		for _, e := range r.pairs.entries {
			b = bucket(pack.String(b, e.key), e.value)
		}
	}
	return b
}

func (a *Account) readRates(r *pack.Reader) {
	read := func(r *pack.Reader) bucket {
		return bucket{at: r.Int(), debt: r.Int(), flow: flow{every: r.Int(), burst: r.Int()}}
	}
	for range r.Len(7) {
		if a.rates == nil {
			a.rates = map[string]*numberRates{}
		}
		number := r.String()
		n := &numberRates{number: number, own: read(r)}
		_ = r.Size() // the room
		if r.Bool() {
			n.pairs = readPairs(r, read)
		}
		a.rates[number] = n
	}
}

func readPairs(r *pack.Reader, read func(*pack.Reader) bucket) (pairs register[string, bucket]) {
	n := r.Len(5)
	pairs.expect(n)
	for range n {
		recipient := r.String()
		pairs.put(hashName(recipient), recipient, read(r))
	}
	if len(pairs.entries) != n {
		r.Fail()
	}
	return pairs
}

func (a *Account) appendConsents(b []byte) []byte {
	b = pack.Uint(pack.Uint(b, uint64(len(a.consents.entries))), uint64(a.consents.hand))
	for _, e := range a.consents.entries {
		b = pack.Uint(pack.String(b, e.key), uint64(len(e.value)))
		for _, w := range e.value {
			b = pack.Time(pack.Time(pack.Bool(pack.String(b, w.topic), w.granted), w.at), w.rests)
			b = pack.Uint(b, uint64(w.strikes))
		}
	}
	return b
}

func (a *Account) readConsents(r *pack.Reader) {
	n := r.Len(2)
	a.consents.hand = r.Size()
	for range n {
		recipient := r.String()
		var wishes []wish
		for range r.Len(7) {
			wishes = append(wishes, wish{topic: r.String(), granted: r.Bool(), at: r.Time(), rests: r.Time(), strikes: r.Size()})
		}
		a.consents.put(hashName(recipient), recipient, wishes)
	}
	if len(a.consents.entries) != n {
		r.Fail()
	}
}

func appendDays(b []byte, days []governor.DayTally) []byte {
	b = pack.Uint(b, uint64(len(days)))
	for _, d := range days {
		b = pack.Uint(pack.Int(pack.Time(b, d.Day), int64(d.Peak)), uint64(len(d.Counts)))
		for _, name := range slices.Sorted(maps.Keys(d.Counts)) {
			b = pack.Int(pack.String(b, name), d.Counts[name])
		}
	}
	return b
}

func readDays(r *pack.Reader) []governor.DayTally {
	var days []governor.DayTally
	for range r.Len(4) {
		d := governor.DayTally{Day: r.Time(), Peak: int(r.Int()), Counts: map[string]int64{}}
		for range r.Len(2) {
			name := r.String()
			d.Counts[name] = r.Int()
		}
		days = append(days, d)
	}
	return days
}

func appendID(b []byte, id MessageID) []byte { return pack.Fixed(pack.Fixed(b, id[0]), id[1]) }

func readID(r *pack.Reader) MessageID { return MessageID{r.Fixed(), r.Fixed()} }

// appendLRU appends from the oldest to the newest, so that adding them again
// makes the same order.
func appendLRU[K comparable, V any](b []byte, lru *simplelru.LRU[K, V], key func([]byte, K) []byte, value func([]byte, V) []byte) []byte {
	b = pack.Bool(b, lru != nil)
	if lru == nil {
		return b
	}
	b = pack.Uint(b, uint64(lru.Len()))
	for _, k := range lru.Keys() {
		v, _ := lru.Peek(k)
		b = value(key(b, k), v)
	}
	return b
}

func readLRU[K comparable, V any](r *pack.Reader, room, size int, key func(*pack.Reader) K, value func(*pack.Reader) V) *simplelru.LRU[K, V] {
	if !r.Bool() {
		return nil
	}
	lru, err := simplelru.NewLRU[K, V](room, nil)
	if err != nil {
		r.Fail()
		return nil
	}
	n := r.Len(size)
	for range n {
		lru.Add(key(r), value(r))
	}
	if lru.Len() != n {
		r.Fail()
	}
	return lru
}
