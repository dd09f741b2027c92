package otelgovernor

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/tier"
)

// gauges are read off snapshots. They are the account's, so they are gauges and
// not sums: two replicas that both say 200 of 250 do not make 400.
type gauges struct {
	used, limit, leased, health, rating, messages metric.Int64ObservableGauge
	wait, progress, latency                       metric.Float64ObservableGauge
}

func (g *gauges) make(meter metric.Meter) error {
	var faults []error
	count := func(name, unit, what string) metric.Int64ObservableGauge {
		i, err := meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(what))
		faults = append(faults, err)
		return i
	}
	measure := func(name, unit, what string) metric.Float64ObservableGauge {
		i, err := meter.Float64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(what))
		faults = append(faults, err)
		return i
	}
	g.used = count("sendgov.slots.used", "{slot}", "Unique recipients that hold a slot of the messaging limit.")
	g.limit = count("sendgov.slots.limit", "{slot}", "How many unique recipients may hold a slot.")
	g.leased = count("sendgov.slots.leased", "{slot}", "Used slots that are set aside for while the store does not answer.")
	g.health = count("sendgov.health", "{state}", "Worst health: 0 unreported, 1 connected, 2 flagged, 3 restricted, 4 pending, 5 offline, 6 banned.")
	g.rating = count("sendgov.number.rating", "{rating}", "Quality rating: 0 unknown, 1 low, 2 medium, 3 high.")
	g.messages = count("sendgov.messages", "{message}", "Messages today, UTC, by what became of them.")
	g.wait = measure("sendgov.slots.wait", "s", "How long until a slot can be taken if nothing more is sent.")
	g.progress = measure("sendgov.tier.progress", "1", "How much of what the next limit takes has been reached, at least.")
	g.latency = measure("sendgov.store.latency", "s", "How long the store took per question of the snapshot.")
	return errors.Join(faults...)
}

func (g *gauges) all() []metric.Observable {
	return []metric.Observable{g.used, g.limit, g.leased, g.health, g.rating, g.messages, g.wait, g.progress, g.latency}
}

// Watch has the gauges read gov whenever the meter is read, until stop is called.
// What fails is the SDK's to report, and keeps no other account from being read.
func (m *Metrics) Watch(gov *governor.Governor) (stop func() error, err error) {
	if gov == nil {
		return nil, errors.New("otelgovernor: Watch: the governor is nil")
	}
	registration, err := m.meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		var faults []error
		accounts := gov.Accounts()
		for _, account := range accounts[:min(m.max, len(accounts))] {
			s, err := gov.Snapshot(ctx, account)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			m.gauges.observe(o, s)
		}
		return errors.Join(faults...)
	}, m.gauges.all()...)
	if err != nil {
		return nil, fmt.Errorf("otelgovernor: %w", err)
	}
	return registration.Unregister, nil
}

func (g *gauges) observe(o metric.Observer, s governor.Snapshot) {
	account := keyAccount.String(s.Account)
	with := func(more ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributes(append(more, account)...)
	}
	o.ObserveInt64(g.used, int64(s.Used), with())
	if s.Tier != tier.Unlimited {
		o.ObserveInt64(g.limit, int64(s.Tier.Limit()), with())
	}
	o.ObserveInt64(g.leased, int64(s.Leased), with())
	if !s.SlotFree.IsZero() {
		o.ObserveFloat64(g.wait, max(0, s.SlotFree.Sub(s.At).Seconds()), with())
	}
	o.ObserveInt64(g.health, int64(s.Health), with())
	for _, n := range s.Numbers {
		o.ObserveInt64(g.rating, int64(n.Rating), with(keyNumber.String(n.ID)))
	}
	if s.Progress.Need > 0 {
		o.ObserveFloat64(g.progress, s.Progress.Share(), with())
	}
	o.ObserveFloat64(g.latency, s.Store.Latency.Seconds(), with())
	var today governor.DaySnapshot
	if n := len(s.Days); n > 0 && s.At.Sub(s.Days[n-1].Day).Hours() < 24 {
		today = s.Days[n-1]
	}
	for _, c := range []struct {
		state string
		count int64
	}{
		{"incoming", today.Incoming},
		{"reply", today.Replies},
		{"notification", today.Notifications},
		{"delivered", today.Delivered},
		{"read", today.Read},
		{"failed", today.Failed},
	} {
		o.ObserveInt64(g.messages, c.count, with(keyState.String(c.state)))
	}
}
