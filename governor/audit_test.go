package governor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/quality"
)

func TestAnAuditHoldsEachDecisionAndNobody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, file.Close()) })
	f := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.ObserveAllowed = true
		cfg.Observer = governor.AuditTo(file, nil)
	})
	t0 := f.clock.Now()
	f.sent(template(n1, alice))
	f.refused(template(n1, bob), governor.ErrTierLimit)
	f.observe(governor.HealthReported{Number: n2, Report: quality.StatusReported{Word: "BANNED"}})
	f.refused(reply(n2, bob), governor.ErrInactive)
	written, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, written.Close()) })
	var records []governor.AuditRecord
	for r, err := range governor.ReadAudit(written) {
		require.NoError(t, err)
		records = append(records, r)
	}
	assert.Equal(t, []governor.AuditRecord{
		{At: t0, Account: account, Number: n1, Kind: "notification", Allowed: true, Counted: true, Used: 1, Limit: 1, Reason: "passed", Health: "Unreported"},
		{At: t0, Account: account, Number: n1, Kind: "notification", Used: 1, Limit: 1, Reason: "tier_limit", Scope: "account", Health: "Unreported", RetryAt: t0.Add(day)},
		{At: t0, Account: account, Number: n2, Kind: "reply", Used: 1, Limit: 1, Reason: "inactive", Scope: "number", Health: "Banned", Detail: "BANNED"},
	}, records)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, string(raw), alice)
	assert.NotContains(t, string(raw), bob)
}

func TestAFaultOfTheAuditsWriterIsToldAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	var faults []error
	w := &flaky{}
	f := newFixture(t, 1, func(cfg *governor.Config) {
		cfg.Observer = governor.AuditTo(w, func(err error) { faults = append(faults, err) })
	})
	f.sent(template(n1, alice))
	w.fault = errFault
	f.refused(template(n1, bob), governor.ErrTierLimit)
	w.fault = nil
	f.refused(template(n1, bob), governor.ErrTierLimit)
	require.Len(t, faults, 1)
	require.ErrorIs(t, faults[0], errFault)
	assert.Equal(t, 1, w.writes, "one for each decision")
	silent := newFixture(t, 1, func(cfg *governor.Config) { cfg.Observer = governor.AuditTo(&flaky{fault: errFault}, nil) })
	silent.sent(template(n1, alice))
	silent.refused(template(n1, bob), governor.ErrTierLimit)
	assert.Nil(t, governor.AuditTo(nil, nil))
}

type flaky struct {
	writes int
	fault  error
}

func (w *flaky) Write(p []byte) (int, error) {
	if w.fault != nil {
		return 0, w.fault
	}
	w.writes++
	return len(p), nil
}

func TestAnAuditIsReadOnBehindWhatIsNoRecord(t *testing.T) {
	t.Parallel()
	const good = `{"at":"2026-01-02T03:04:05Z","allowed":false,"used":1,"limit":1,"reason":"tier_limit","of_a_later_version":true}`
	for name, c := range map[string]struct {
		text         string
		records, bad int
	}{
		"nothing":            {"", 0, 0},
		"blank lines":        {"\n\n  \n" + good + "\n\n", 1, 0},
		"no newline":         {good, 1, 0},
		"torn at the end":    {good + "\n" + good[:40], 1, 1},
		"torn in the middle": {good[:40] + good + "\n" + good + "\n", 1, 1},
		"other JSON":         {"[]\n{}\n3\n" + good, 1, 3},
		"a very long line":   {strings.Repeat("x", 200_000) + "\n" + good + "\n", 1, 1},
		"nothing but long":   {strings.Repeat("x", 200_000), 0, 1},
		"CRLF":               {good + "\r\n" + good + "\r\n", 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records, bad := 0, 0
			for r, err := range governor.ReadAudit(strings.NewReader(c.text)) {
				if err != nil {
					require.ErrorIs(t, err, governor.ErrAudit)
					assert.NotContains(t, err.Error(), "tier_limit", "a fault quotes nothing")
					bad++
					continue
				}
				assert.Equal(t, "tier_limit", r.Reason)
				records++
			}
			assert.Equal(t, c.records, records)
			assert.Equal(t, c.bad, bad)
		})
	}
	for _, err := range governor.ReadAudit(strings.NewReader(good + "\n" + good)) {
		require.NoError(t, err)
		break // as far as one likes
	}
	var last error
	for _, err := range governor.ReadAudit(io.MultiReader(strings.NewReader(good+"\n"), iotest.ErrReader(errFault))) {
		last = err
	}
	require.ErrorIs(t, last, errFault)
	assert.NotErrorIs(t, last, governor.ErrAudit)
}

func FuzzReadAudit(f *testing.F) {
	f.Add([]byte(`{"at":"2026-01-02T03:04:05Z","allowed":true,"used":1,"limit":1,"reason":"passed"}` + "\n{"))
	f.Add([]byte("\n\r\n[]\n\x00"))
	f.Add(bytes.Repeat([]byte("x"), 70_000))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := 0
		for r, err := range governor.ReadAudit(bytes.NewReader(data)) {
			lines++
			if err != nil {
				if !errors.Is(err, governor.ErrAudit) {
					t.Fatalf("an error of nobody: %v", err)
				}
				continue
			}
			again, err := json.Marshal(r)
			if err != nil {
				continue // a year that JSON has no room for
			}
			for back, err := range governor.ReadAudit(bytes.NewReader(again)) {
				if err != nil || !back.At.Equal(r.At) || back.Reason != r.Reason || back.Used != r.Used || back.Detail != r.Detail {
					t.Fatalf("%s came back as %+v: %v", again, back, err)
				}
			}
		}
		if most := bytes.Count(data, []byte("\n")) + 1; lines > most {
			t.Fatalf("%d records of %d lines", lines, most)
		}
	})
}

func TestALogsLevelIsHowMuchItMatters(t *testing.T) {
	t.Parallel()
	denied := func(r governor.Reason) governor.Notice {
		return governor.Notice{Kind: governor.NoticeDenied, Decision: governor.Decision{Reason: r}}
	}
	for _, c := range []struct {
		notice governor.Notice
		want   slog.Level
	}{
		{governor.Notice{Kind: governor.NoticeStoreDown}, slog.LevelError},
		{governor.Notice{Kind: governor.NoticePanic}, slog.LevelError},
		{governor.Notice{Kind: governor.NoticeStoreUp}, slog.LevelInfo},
		{governor.Notice{Kind: governor.NoticeStoreFailed}, slog.LevelDebug},
		{governor.Notice{Kind: governor.NoticeAllowed}, slog.LevelDebug},
		{governor.Notice{Kind: governor.NoticeConsent}, slog.LevelDebug},
		{denied(governor.TierLimit), slog.LevelInfo},
		{denied(governor.PairRate), slog.LevelDebug},
		{governor.Notice{Kind: governor.NoticeHealth, To: "Banned"}, slog.LevelError},
		{governor.Notice{Kind: governor.NoticeHealth, To: "Flagged"}, slog.LevelWarn},
		{governor.Notice{Kind: governor.NoticeHealth, To: "Connected"}, slog.LevelInfo},
		{governor.Notice{Kind: governor.NoticeTemplate, To: "PAUSED"}, slog.LevelWarn},
		{governor.Notice{Kind: governor.NoticeTemplate, To: "APPROVED"}, slog.LevelInfo},
		{governor.Notice{Kind: governor.NoticePrediction, To: "one step lower"}, slog.LevelWarn},
		{governor.Notice{Kind: governor.NoticePrediction, From: "one step lower"}, slog.LevelInfo},
		{governor.Notice{Kind: governor.NoticeNearLimit, To: "80", Used: 8, Limit: 10}, slog.LevelInfo},
		{governor.Notice{Kind: governor.NoticeNearLimit, To: "100", Used: 10, Limit: 10}, slog.LevelWarn},
		{governor.Notice{Kind: governor.NoticeDrift}, slog.LevelWarn},
		{governor.Notice{Kind: governor.NoticeLimit}, slog.LevelInfo},
		{governor.Notice{Kind: governor.NoticeLifted}, slog.LevelInfo},
	} {
		var b bytes.Buffer
		governor.LogTo(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})))(c.notice)
		assert.Contains(t, b.String(), fmt.Sprintf(`"level":%q,"msg":"sendgov: %s"`, c.want, c.notice.Kind))
		b.Reset()
		governor.LogTo(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelError + 1})))(c.notice)
		assert.Empty(t, b.String())
	}
	assert.Nil(t, governor.LogTo(nil))
}

func TestObserversAreAllCalledThoughOnePanics(t *testing.T) {
	t.Parallel()
	var first, last recorder
	observer := governor.Observers(first.observe, nil, func(governor.Notice) { panic("once") }, last.observe)
	f := newFixture(t, 1, func(cfg *governor.Config) { cfg.Observer = observer })
	f.fill(1)
	f.refused(template(n1, alice), governor.ErrTierLimit)
	assert.Equal(t, first.told(), last.told())
	assert.Nil(t, governor.Observers())
	assert.Nil(t, governor.Observers(nil, nil))
	governor.Observers(nil, first.observe)(governor.Notice{Kind: governor.NoticeLimit, At: time.Time{}})
	assert.Len(t, first.told(), 1)
}

func ExampleAuditTo() {
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: 1, Clock: governortest.NewClock(),
		Observer: governor.AuditTo(os.Stdout, nil), // a file opened with os.O_APPEND
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"+1 650 555 0101", "+1 650 555 0102"} {
		_, _ = gov.Reserve(context.Background(), governor.Message{From: "106540352242922", To: to, Template: "hello_world"})
	}
	// Output:
	// {"at":"2026-01-01T00:00:00Z","account":"106540352242922","number":"106540352242922","kind":"notification","allowed":false,"used":1,"limit":1,"reason":"tier_limit","scope":"account","health":"Unreported","retry_at":"2026-01-02T00:00:00Z"}
}

func ExampleReadAudit() {
	refused := map[string]int{}
	for r, err := range governor.ReadAudit(strings.NewReader(`{"at":"2026-01-01T00:00:00Z","allowed":false,"reason":"tier_limit"}` + "\n")) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		refused[r.Reason]++
	}
	fmt.Println(refused)
	// Output:
	// map[tier_limit:1]
}
