// Package otelgovernor measures a governor with OpenTelemetry.
//
//	metrics, err := otelgovernor.New(provider, otelgovernor.Config{})
//	...
//	gov, err := governor.New(store, governor.Config{
//		Observer:       metrics.Observe, // with others: governor.Observers(metrics.Observe, …)
//		ObserveAllowed: true,            // or only refusals are counted
//	})
//	...
//	stop, err := metrics.Watch(gov)
//	defer stop()
//
// [Metrics.Observe] counts what the governor tells; [Metrics.Watch] asks for a
// snapshot of each account whenever the meter is read. The package needs the API
// of OpenTelemetry alone; which SDK and exporter read it is the program's choice.
//
// # Metrics
//
//	sendgov.decisions       counter    {decision}   outcome, reason, kind, account
//	sendgov.notices         counter    {notice}     notice, account
//	sendgov.store.failures  counter    {failure}    account
//	sendgov.slots.used      gauge      {slot}       account
//	sendgov.slots.limit     gauge      {slot}       account; not while there is no limit
//	sendgov.slots.wait      gauge      s            account; until a slot can be taken, 0 while one is free; not if none ever can
//	sendgov.slots.leased    gauge      {slot}       account
//	sendgov.health          gauge      {state}      account; 0 Unreported, 1 Connected, 2 Flagged, 3 Restricted, 4 Pending, 5 Offline, 6 Banned
//	sendgov.number.rating   gauge      {rating}     account, number; 0 Unknown, 1 Low, 2 Medium, 3 High
//	sendgov.tier.progress   gauge      1            account; 0 to 1 of what the next limit takes, at least; not where there is none
//	sendgov.messages        gauge      {message}    account, state; today's, UTC: incoming, reply, notification, delivered, read, failed
//	sendgov.store.latency   gauge      s            account
//
// The attributes are named sendgov.outcome, sendgov.reason and so on. No metric
// holds a recipient (TestNoMetricHoldsARecipient). The gauges are the account's,
// not this process's: of several replicas take the maximum, not the sum.
//
// # Dashboard and alerts
//
// [Dashboard] is a dashboard for Grafana, [Alerts] a file of alerting rules for
// Prometheus. Both use the names that the Prometheus exporter of OpenTelemetry
// makes of these, as sendgov_decisions_total, and are held to what it really
// exports (TestEveryMetricThatTheDashboardShowsIsExported,
// TestEveryMetricThatAnAlertWatchesIsExported).
package otelgovernor
