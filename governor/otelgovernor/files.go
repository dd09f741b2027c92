package otelgovernor

import (
	_ "embed" // what follows is in files
	"slices"
)

//go:embed dashboard.json
var dashboard []byte

//go:embed alerts.yaml
var alerts []byte

// Dashboard returns a dashboard for Grafana, as JSON to import. It asks for a
// Prometheus data source and offers the accounts to choose from.
func Dashboard() []byte { return slices.Clone(dashboard) }

// Alerts returns alerting rules for Prometheus, as YAML for its rule_files.
func Alerts() []byte { return slices.Clone(alerts) }
