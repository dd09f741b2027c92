package otelgovernor_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/otelgovernor"
	"github.com/sendgov/sendgov/tier"
)

const (
	number = "106540352242922"
	alice  = "16505550101"
	bob    = "16505550102"
)

// meter is a meter of the API alone: what an SDK does with it is tested where
// there is one.
type meter struct {
	noop.Meter
	fault error

	// mu guards what follows.
	mu       sync.Mutex
	units    map[string]string
	sums     map[string]int64
	read     map[string]float64
	callback metric.Callback
}

func newMeter() *meter {
	return &meter{units: map[string]string{}, sums: map[string]int64{}}
}

func (m *meter) provider() metric.MeterProvider { return provider{m: m} }

type provider struct {
	noop.MeterProvider
	m *meter
}

func (p provider) Meter(string, ...metric.MeterOption) metric.Meter { return p.m }

type counter struct {
	noop.Int64Counter
	m    *meter
	name string
}

func series(name string, set attribute.Set) string {
	return name + "{" + set.Encoded(attribute.DefaultEncoder()) + "}"
}

func (c counter) Add(_ context.Context, n int64, options ...metric.AddOption) {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.m.sums[series(c.name, metric.NewAddConfig(options).Attributes())] += n
}

func (m *meter) Int64Counter(name string, options ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	m.units[name] = metric.NewInt64CounterConfig(options...).Unit()
	return counter{m: m, name: name}, m.fault
}

type whole struct {
	noop.Int64ObservableGauge
	name string
}

type real struct {
	noop.Float64ObservableGauge
	name string
}

func (m *meter) Int64ObservableGauge(name string, options ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	m.units[name] = metric.NewInt64ObservableGaugeConfig(options...).Unit()
	return whole{name: name}, m.fault
}

func (m *meter) Float64ObservableGauge(name string, options ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	m.units[name] = metric.NewFloat64ObservableGaugeConfig(options...).Unit()
	return real{name: name}, m.fault
}

func (m *meter) RegisterCallback(f metric.Callback, _ ...metric.Observable) (metric.Registration, error) {
	m.callback = f
	return registration{m: m}, m.fault
}

type registration struct {
	noop.Registration
	m *meter
}

func (r registration) Unregister() error {
	r.m.callback = nil
	return nil
}

type observer struct {
	noop.Observer
	m *meter
}

func (o observer) ObserveInt64(i metric.Int64Observable, v int64, options ...metric.ObserveOption) {
	w, _ := i.(whole) // one of another kind has no name
	o.m.read[series(w.name, metric.NewObserveConfig(options).Attributes())] = float64(v)
}

func (o observer) ObserveFloat64(i metric.Float64Observable, v float64, options ...metric.ObserveOption) {
	r, _ := i.(real)
	o.m.read[series(r.name, metric.NewObserveConfig(options).Attributes())] = v
}

// collect reads the gauges.
func (m *meter) collect(t *testing.T) (map[string]float64, error) {
	t.Helper()
	m.read = map[string]float64{}
	err := m.callback(t.Context(), observer{m: m})
	return m.read, err
}

func TestEveryInstrumentHasItsNameAndUnit(t *testing.T) {
	t.Parallel()
	m := newMeter()
	_, err := otelgovernor.New(m.provider(), otelgovernor.Config{})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"sendgov.decisions": "{decision}", "sendgov.notices": "{notice}", "sendgov.store.failures": "{failure}",
		"sendgov.slots.used": "{slot}", "sendgov.slots.limit": "{slot}", "sendgov.slots.leased": "{slot}", "sendgov.slots.wait": "s",
		"sendgov.health": "{state}", "sendgov.number.rating": "{rating}", "sendgov.tier.progress": "1", "sendgov.messages": "{message}",
		"sendgov.store.latency": "s",
	}, m.units)
}

// governed is a governor of one number that is measured.
func governed(t *testing.T, limit tier.Tier, cfg otelgovernor.Config) (*governor.Governor, *otelgovernor.Metrics, *meter) {
	t.Helper()
	m := newMeter()
	metrics, err := otelgovernor.New(m.provider(), cfg)
	require.NoError(t, err)
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: limit, Clock: governortest.NewClock(), Observer: metrics.Observe, ObserveAllowed: true,
	})
	require.NoError(t, err)
	return gov, metrics, m
}

func send(t *testing.T, gov *governor.Governor, from, to string, kind governor.Kind) {
	t.Helper()
	m := governor.Message{From: from, To: to, Kind: kind}
	if kind == governor.Notification {
		m.Template = "hello_world"
	}
	_, err := gov.Reserve(t.Context(), m)
	if err != nil {
		require.ErrorIs(t, err, governor.ErrDenied)
	}
}

func TestDecisionsAndNoticesAreCounted(t *testing.T) {
	t.Parallel()
	gov, metrics, m := governed(t, 1, otelgovernor.Config{})
	send(t, gov, number, alice, governor.Notification)
	send(t, gov, number, bob, governor.Notification)
	send(t, gov, number, bob, governor.Reply)
	send(t, gov, number, bob, governor.Reply)
	metrics.Observe(governor.Notice{Kind: governor.NoticeStoreFailed, Account: number, Err: errors.New("down")})
	account := "sendgov.account=" + number
	assert.Equal(t, map[string]int64{
		"sendgov.decisions{" + account + ",sendgov.kind=notification,sendgov.outcome=allowed,sendgov.reason=passed}":    1,
		"sendgov.decisions{" + account + ",sendgov.kind=notification,sendgov.outcome=denied,sendgov.reason=tier_limit}": 1,
		"sendgov.decisions{" + account + ",sendgov.kind=reply,sendgov.outcome=allowed,sendgov.reason=passed}":           2,
		"sendgov.notices{" + account + ",sendgov.notice=near_limit}":                                                    1,
		"sendgov.store.failures{" + account + "}":                                                                       1,
	}, m.sums)
}

func TestGaugesAreReadOffSnapshots(t *testing.T) {
	t.Parallel()
	gov, metrics, m := governed(t, 2, otelgovernor.Config{})
	stop, err := metrics.Watch(gov)
	require.NoError(t, err)
	read, err := m.collect(t)
	require.NoError(t, err)
	assert.Empty(t, read)
	send(t, gov, number, alice, governor.Notification)
	send(t, gov, number, bob, governor.Notification)
	require.NoError(t, gov.Observe(t.Context(), governor.ThroughputReported{Number: number, PerSecond: 80}, governor.Inbound{Number: number, Customer: alice}))
	read, err = m.collect(t)
	require.NoError(t, err)
	account := "sendgov.account=" + number
	assert.Equal(t, map[string]float64{
		"sendgov.slots.used{" + account + "}":                                  2,
		"sendgov.slots.limit{" + account + "}":                                 2,
		"sendgov.slots.leased{" + account + "}":                                0,
		"sendgov.slots.wait{" + account + "}":                                  86400,
		"sendgov.health{" + account + "}":                                      3,
		"sendgov.number.rating{" + account + ",sendgov.number=" + number + "}": 0,
		"sendgov.tier.progress{" + account + "}":                               0.001,
		"sendgov.store.latency{" + account + "}":                               0,
		"sendgov.messages{" + account + ",sendgov.state=incoming}":             1,
		"sendgov.messages{" + account + ",sendgov.state=reply}":                0,
		"sendgov.messages{" + account + ",sendgov.state=notification}":         2,
		"sendgov.messages{" + account + ",sendgov.state=delivered}":            0,
		"sendgov.messages{" + account + ",sendgov.state=read}":                 0,
		"sendgov.messages{" + account + ",sendgov.state=failed}":               0,
	}, read)
	require.NoError(t, stop())
	assert.Nil(t, m.callback)
}

func TestWhatThereIsNotHasNoSeries(t *testing.T) {
	t.Parallel()
	gov, metrics, m := governed(t, tier.Unlimited, otelgovernor.Config{})
	_, err := metrics.Watch(gov)
	require.NoError(t, err)
	send(t, gov, number, alice, governor.Notification)
	read, err := m.collect(t)
	require.NoError(t, err)
	for name := range read {
		assert.NotContains(t, name, "limit")
		assert.NotContains(t, name, "progress")
	}
}

func TestHowManyAccountsHaveSeriesIsBounded(t *testing.T) {
	t.Parallel()
	gov, metrics, m := governed(t, 1, otelgovernor.Config{MaxAccounts: 3})
	_, err := metrics.Watch(gov)
	require.NoError(t, err)
	for i := range 10 {
		send(t, gov, fmt.Sprint(i), alice, governor.Reply)
	}
	assert.Len(t, m.sums, 4)
	assert.Equal(t, int64(7), m.sums["sendgov.decisions{sendgov.account=_other,sendgov.kind=reply,sendgov.outcome=allowed,sendgov.reason=passed}"])
	read, err := m.collect(t)
	require.NoError(t, err)
	used := 0
	for name := range read {
		if len(name) > 18 && name[:18] == "sendgov.slots.used" {
			used++
		}
	}
	assert.Equal(t, 3, used)
}

func TestNoMetricHoldsARecipient(t *testing.T) {
	t.Parallel()
	gov, metrics, m := governed(t, 1, otelgovernor.Config{})
	_, err := metrics.Watch(gov)
	require.NoError(t, err)
	send(t, gov, number, alice, governor.Notification)
	send(t, gov, number, bob, governor.Notification)
	require.NoError(t, gov.Observe(t.Context(),
		governor.ConsentRevoked{Number: number, Recipient: bob, Topic: "*"},
		governor.SendRefused{Number: number, Recipient: alice, Code: 131026},
		governor.MessageStatus{Number: number, MessageID: "wamid.1", Recipient: alice, Status: governor.Failed},
	))
	read, err := m.collect(t)
	require.NoError(t, err)
	written := fmt.Sprint(read, m.sums)
	assert.NotContains(t, written, alice)
	assert.NotContains(t, written, bob)
}

func TestAnAccountThatCannotBeReadKeepsNoOtherFromIt(t *testing.T) {
	t.Parallel()
	m := newMeter()
	metrics, err := otelgovernor.New(m.provider(), otelgovernor.Config{})
	require.NoError(t, err)
	gov, err := governor.New(&broken{Store: memstore.New()}, governor.Config{Clock: governortest.NewClock(), Observer: metrics.Observe})
	require.NoError(t, err)
	_, err = metrics.Watch(gov)
	require.NoError(t, err)
	for _, from := range []string{"1", "2"} {
		send(t, gov, from, alice, governor.Notification)
	}
	read, err := m.collect(t)
	require.ErrorIs(t, err, errDown)
	assert.Contains(t, read, "sendgov.slots.used{sendgov.account=2}")
	assert.Equal(t, int64(1), m.sums["sendgov.store.failures{sendgov.account=1}"])
	assert.Equal(t, int64(1), m.sums["sendgov.notices{sendgov.account=1,sendgov.notice=store_down}"])
}

var errDown = errors.New("down")

type broken struct{ governor.Store }

func (s *broken) Usage(ctx context.Context, ask governor.UsageAsk) (governor.Usage, error) {
	if ask.Account == "1" {
		return governor.Usage{}, errDown
	}
	return s.Store.Usage(ctx, ask)
}

func TestWhatCannotBeMadeIsRefused(t *testing.T) {
	t.Parallel()
	_, err := otelgovernor.New(nil, otelgovernor.Config{})
	require.Error(t, err)
	m := newMeter()
	_, err = otelgovernor.New(m.provider(), otelgovernor.Config{MaxAccounts: -1})
	require.ErrorContains(t, err, "MaxAccounts")
	metrics, err := otelgovernor.New(m.provider(), otelgovernor.Config{})
	require.NoError(t, err)
	_, err = metrics.Watch(nil)
	require.Error(t, err)
	m.fault = errDown
	_, err = otelgovernor.New(m.provider(), otelgovernor.Config{})
	require.ErrorIs(t, err, errDown)
	_, err = metrics.Watch(&governor.Governor{})
	require.ErrorIs(t, err, errDown)
}

func TestTheFilesAreCopies(t *testing.T) {
	t.Parallel()
	for _, file := range []func() []byte{otelgovernor.Dashboard, otelgovernor.Alerts} {
		first := file()
		require.NotEmpty(t, first)
		first[0]++
		assert.NotEqual(t, first, file())
	}
}

func ExampleNew() {
	metrics, err := otelgovernor.New(noop.NewMeterProvider(), otelgovernor.Config{}) // otel.GetMeterProvider()
	if err != nil {
		fmt.Println(err)
		return
	}
	gov, err := governor.New(memstore.New(), governor.Config{Observer: metrics.Observe, ObserveAllowed: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	stop, err := metrics.Watch(gov)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(stop())
	// Output:
	// <nil>
}
