package boltstore

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/internal/ledger"
)

// everyRecord is a batch with a record of each kind.
func everyRecord() []record {
	at := time.Date(2026, 11, 25, 9, 0, 0, 123456789, time.UTC)
	rate := governor.Rate{Every: time.Second / 80, Burst: 80}
	ask := governor.Admission{
		Number: "106540352242922", Recipient: "16505550101", Now: at, Stamp: at.Add(time.Second), Kind: governor.Reply,
		Token: governor.Token{Hi: 1, Lo: 2}, NumberRate: rate, PairRate: governor.Rate{Every: 6 * time.Second, Burst: 45},
	}
	id := ledger.Shorten("wamid.1")
	return []record{
		{op: opClocks, account: "a", clocks: ledger.Clocks{Now: at, Paced: at.Add(-time.Hour)}},
		{op: opAdmit, account: "a", admission: ask, counted: true},
		{op: opRefuse, account: "a", admission: governor.Admission{Number: "2", Recipient: "US.1", Now: at, Stamp: at}},
		{op: opSettle, account: "b", message: id, end: governor.Settlement{
			Token: governor.Token{Lo: 3}, Now: at, Stamp: at.Add(time.Minute), Sent: true, Recipient: "1", Canonical: "2", Confirmed: true,
		}},
		{op: opSettle, account: "b", end: governor.Settlement{Token: governor.Token{Lo: 3}, Now: at, Stamp: at}},
		{op: opInbound, account: "", inbound: governor.InboundMark{Number: "2", Customer: "1", Uncertain: true, At: at.Add(-time.Hour), Now: at, NumberRate: rate}},
		{op: opDelivery, account: "a", message: id, delivery: governor.DeliveryMark{
			Number: "1", Recipient: "3", At: at, Stamp: at, Now: at.Add(time.Second), Failed: true, Sort: governor.SortReply,
		}},
		{op: opConsent, account: "a", consent: governor.ConsentMark{Recipient: "1", Topic: "marketing", Granted: true, Backoff: true, At: at, Now: at, Until: at.Add(time.Hour)}},
		{op: opClose, account: "a", from: "1", into: "2", at: at},
		{op: opAlias, account: "a", from: "1", into: "2", at: time.Time{}},
		{op: opTally, account: "a", tally: governor.TallyMark{At: at, Now: at, Peak: -3, Counts: map[string]int64{"x": 1, "y": -2}}},
		{op: opState, account: "a", state: governor.State{Version: 7, Data: []byte("{}")}},
	}
}

func TestEveryRecordIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	var e encoder
	for _, rec := range everyRecord() {
		e.add(&rec)
	}
	d := decode(batchVersion, e.body)
	for _, want := range everyRecord() {
		var got record
		require.True(t, d.next(&got))
		if want.op == opSettle && !want.end.Sent {
			want.end.Stamp = want.end.Now // which is all that is kept of it
		}
		require.Equal(t, want, got)
	}
	require.NoError(t, d.Close())
}

// FuzzJournal holds that whatever is in a batch is applied or refused, and
// that what is read is written as the same again.
func FuzzJournal(f *testing.F) {
	var e encoder
	for _, rec := range everyRecord() {
		e.add(&rec)
	}
	for version := byte(1); version <= batchVersion; version++ {
		f.Add(version, e.body)
		f.Add(version, []byte{})
	}
	f.Fuzz(func(t *testing.T, version byte, body []byte) {
		d := decode(version, body)
		accounts := map[string]*ledger.Account{}
		var e encoder
		var records []record
		var rec record
		for d.next(&rec) && len(records) < 1000 {
			if accounts[rec.account] == nil {
				accounts[rec.account] = &ledger.Account{}
			}
			rec.apply(accounts[rec.account])
			records = append(records, rec)
			e.add(&rec)
		}
		for again, i := decode(batchVersion, e.body), 0; again.next(&rec); i++ {
			require.Equal(t, records[i], rec)
		}
		for _, a := range accounts {
			_, err := a.AppendBinary(nil)
			require.NoError(t, err)
		}
	})
}

// FuzzInspect holds that no file whatever makes the inspection panic or run
// for ever, and that bbolt can be trusted with what passes.
func FuzzInspect(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x.db")
	s, err := Open(path, Config{})
	require.NoError(f, err)
	for range 20 {
		_, _, err = s.SaveState(f.Context(), "a", governor.State{Data: bytes.Repeat([]byte("x"), 300)})
		require.NoError(f, err)
	}
	require.NoError(f, s.Close())
	file, err := os.ReadFile(path)
	require.NoError(f, err)
	file = file[:min(len(file), 64<<10)]
	f.Add(file, uint32(0), uint64(0))
	f.Add(file, uint32(8192), uint64(1))
	f.Fuzz(func(t *testing.T, file []byte, at uint32, value uint64) {
		file = bytes.Clone(file)
		if int(at)+8 <= len(file) {
			order.PutUint64(file[at:], value)
		}
		if inspectFile(bytes.NewReader(file), int64(len(file))) != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "x.db")
		require.NoError(t, os.WriteFile(path, file, 0o600))
		if s, err := Open(path, Config{}); err == nil {
			require.NoError(t, s.Close())
		}
	})
}
