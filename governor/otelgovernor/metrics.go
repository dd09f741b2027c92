package otelgovernor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/sendgov/sendgov/governor"
)

// Scope is the name under which the meter is asked for.
const Scope = "github.com/sendgov/sendgov/governor/otelgovernor"

// Other is the account that stands for all those beyond Config.MaxAccounts.
const Other = "_other"

// The attributes.
const (
	keyAccount = attribute.Key("sendgov.account")
	keyNumber  = attribute.Key("sendgov.number")
	keyOutcome = attribute.Key("sendgov.outcome")
	keyReason  = attribute.Key("sendgov.reason")
	keyKind    = attribute.Key("sendgov.kind")
	keyNotice  = attribute.Key("sendgov.notice")
	keyState   = attribute.Key("sendgov.state")
)

const defaultMaxAccounts = 100

// Config is what has a default. The zero Config is ready to use.
type Config struct {
	// MaxAccounts bounds how many accounts have series of their own: the first
	// that are heard of are counted by name, the others as [Other], and as many
	// of governor.Accounts have gauges. Each that has costs its store three
	// questions per reading. Defaults to 100.
	MaxAccounts int
}

// Metrics counts what a governor tells. Make one with [New]. It is safe for
// concurrent use.
type Metrics struct {
	max       int
	meter     metric.Meter
	decisions metric.Int64Counter
	notices   metric.Int64Counter
	failures  metric.Int64Counter
	gauges    gauges

	// mu guards accounts.
	mu       sync.Mutex
	accounts map[string]struct{} // those that are counted by name
}

// New makes the instruments. provider is the program's, as otel.GetMeterProvider
// returns it; it is required.
func New(provider metric.MeterProvider, cfg Config) (*Metrics, error) {
	if provider == nil {
		return nil, errors.New("otelgovernor: New: provider is nil")
	}
	if cfg.MaxAccounts < 0 {
		return nil, fmt.Errorf("otelgovernor: Config.MaxAccounts is %d, want a positive number, or zero for %d", cfg.MaxAccounts, defaultMaxAccounts)
	}
	if cfg.MaxAccounts == 0 {
		cfg.MaxAccounts = defaultMaxAccounts
	}
	m := &Metrics{max: cfg.MaxAccounts, meter: provider.Meter(Scope), accounts: map[string]struct{}{}}
	make := func(name, unit, what string) (metric.Int64Counter, error) {
		return m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
	}
	var faults [4]error
	m.decisions, faults[0] = make("sendgov.decisions", "{decision}", "Decisions on messages, by outcome and reason.")
	m.notices, faults[1] = make("sendgov.notices", "{notice}", "What the governor told its observer, by kind.")
	m.failures, faults[2] = make("sendgov.store.failures", "{failure}", "Calls that the store failed.")
	faults[3] = m.gauges.make(m.meter)
	if err := errors.Join(faults[:]...); err != nil {
		return nil, fmt.Errorf("otelgovernor: %w", err)
	}
	return m, nil
}

// Observe counts a notice. It is a governor.Config.Observer, and quick.
func (m *Metrics) Observe(n governor.Notice) {
	ctx := context.Background()
	account := keyAccount.String(m.account(n.Account))
	switch n.Kind {
	case governor.NoticeAllowed, governor.NoticeDenied:
		outcome := "denied"
		if n.Decision.Allowed {
			outcome = "allowed"
		}
		m.decisions.Add(ctx, 1, metric.WithAttributes(
			account, keyOutcome.String(outcome), keyReason.String(n.Decision.Reason.String()), keyKind.String(n.Decision.Kind.String()),
		))
		return
	case governor.NoticeStoreFailed:
		m.failures.Add(ctx, 1, metric.WithAttributes(account))
		return
	}
	m.notices.Add(ctx, 1, metric.WithAttributes(account, keyNotice.String(n.Kind.String())))
}

// account is the name that an account is counted under.
func (m *Metrics) account(id string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.accounts[id]; known {
		return id
	}
	if len(m.accounts) >= m.max {
		return Other
	}
	m.accounts[id] = struct{}{}
	return id
}
