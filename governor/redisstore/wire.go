package redisstore

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// verb is the name of a verb in the script.
type verb string

const (
	verbAdmit       verb = "admit"
	verbSettle      verb = "settle"
	verbInbound     verb = "inbound"
	verbDelivery    verb = "deliver"
	verbConsent     verb = "consent"
	verbConsents    verb = "consents"
	verbCloseWindow verb = "close_window"
	verbAlias       verb = "alias"
	verbUsage       verb = "usage"
	verbTally       verb = "tally"
	verbTallies     verb = "tallies"
	verbLoadState   verb = "load_state"
	verbSaveState   verb = "save_state"
)

// message is MessagePack that is being written: what the script reads.
type message []byte

// list begins a list of n values.
func (m message) list(n int) message {
	if n < 16 {
		return append(m, 0x90|byte(n))
	}
	return binary.BigEndian.AppendUint16(append(m, 0xdc), uint16(n)) //nolint:gosec // as many fields as a verb has, or names as a day keeps
}

func (m message) integer(n int64) message {
	if n >= 0 && n < 128 {
		return append(m, byte(n))
	}
	return binary.BigEndian.AppendUint64(append(m, 0xd3), uint64(n)) //nolint:gosec // two's complement is what is wanted
}

func (m message) text(s string) message {
	switch n := len(s); {
	case n < 32:
		m = append(m, 0xa0|byte(n))
	case n <= math.MaxUint8:
		m = append(m, 0xd9, byte(n))
	case n <= math.MaxUint16:
		m = binary.BigEndian.AppendUint16(append(m, 0xda), uint16(n))
	default:
		m = binary.BigEndian.AppendUint32(append(m, 0xdb), uint32(n)) //nolint:gosec // Redis takes no text of 4 GiB
	}
	return append(m, s...)
}

func (m message) flag(b bool) message {
	if b {
		return append(m, 1)
	}
	return append(m, 0)
}

// doubles writes numbers as the script's struct library reads them.
func doubles(numbers ...int64) []byte {
	b := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(float64(n)))
	}
	return b
}

// begin begins a verb with so many fields behind its name.
func begin(v verb, fields int) message {
	return make(message, 0, 192).list(1 + fields).text(string(v))
}

// The script counts in doubles: whole numbers are exact up to 2^53. Times are
// microseconds and end in the year 2223; those before 1716, the zero time among
// them, are no time at all.
const (
	most   = 1<<53 - 1
	latest = int64(8e15)
	none   = -latest
)

func bounded(n int64) int64 { return max(-most, min(n, most)) }

// micros reads a clock, rounded down: a part of a microsecond has not passed yet.
func micros(t time.Time) int64 {
	switch sec := t.Unix(); {
	case sec <= none/1e6:
		return none
	case sec >= latest/1e6:
		return latest
	}
	return t.UnixMicro()
}

// millis rounds a stamp up: a slot is held longer, never shorter.
func millis(t time.Time) int64 {
	us := micros(t)
	if us == none || us == latest {
		return us / 1000
	}
	ms := t.UnixMilli()
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		ms++
	}
	return ms
}

// instant reads a time of the script's.
func instant(us int64) time.Time {
	if us <= none {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// wholeMicros rounds up: no rate is faster than told.
func wholeMicros(d time.Duration) int64 {
	return int64((d + time.Microsecond - 1) / time.Microsecond)
}

// rate writes a rate, whose burst is none where it limits nothing.
func (m message) rate(r governor.Rate) message {
	if r.Every <= 0 {
		return m.integer(0).integer(0)
	}
	return m.integer(wholeMicros(r.Every)).integer(bounded(int64(r.Burst)))
}

// token writes a token, empty if it names none.
func (m message) token(t governor.Token) message {
	if t == (governor.Token{}) {
		return m.text("")
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], t.Hi)
	binary.BigEndian.PutUint64(b[8:], t.Lo)
	return append(append(m, 0xa0|byte(len(b))), b[:]...)
}

// messageID writes half a hash of the platform's id, which is long. Of 128 bits
// of a cryptographic hash no two ids that anybody ever makes have the same.
func (m message) messageID(id string) message {
	var room [128]byte
	sum := sha256.Sum256(append(room[:0], id...))
	return append(append(m, 0xa0|16), sum[:16]...)
}
