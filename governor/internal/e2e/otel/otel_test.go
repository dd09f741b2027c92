package otel_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
	"github.com/sendgov/sendgov/governor/otelgovernor"
	"github.com/sendgov/sendgov/quality"
)

const (
	number = "106540352242922"
	alice  = "16505550101"
	bob    = "16505550102"
)

// scrape is what Prometheus reads of a governor to which everything has happened
// that has a metric.
func scrape(t *testing.T) string {
	t.Helper()
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	require.NoError(t, err)
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	t.Cleanup(func() { assert.NoError(t, provider.Shutdown(t.Context())) })
	metrics, err := otelgovernor.New(provider, otelgovernor.Config{})
	require.NoError(t, err)
	gov, err := governor.New(memstore.New(), governor.Config{
		DefaultTier: 1, Clock: governortest.NewClock(), Observer: metrics.Observe, ObserveAllowed: true,
	})
	require.NoError(t, err)
	stop, err := metrics.Watch(gov)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stop()) })

	for _, to := range []string{alice, bob} {
		_, err = gov.Reserve(t.Context(), governor.Message{From: number, To: to, Template: "hello_world"})
	}
	require.ErrorIs(t, err, governor.ErrTierLimit)
	_, err = gov.Reserve(t.Context(), governor.Message{From: number, To: bob, Kind: governor.Reply})
	require.NoError(t, err)
	require.NoError(t, gov.Observe(t.Context(), governor.HealthReported{Number: number, Report: quality.RatingReported{Rating: quality.High}}))
	metrics.Observe(governor.Notice{Kind: governor.NoticeStoreFailed, Account: number})

	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	text, err := io.ReadAll(answer.Result().Body)
	require.NoError(t, err)
	return string(text)
}

var sample = regexp.MustCompile(`(?m)^(\w+)(?:\{([^}]*)\})? `)

// exported are the labels of each metric of ours, those of the scope apart.
func exported(text string) map[string][]string {
	all := map[string][]string{}
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "sendgov_") {
			continue
		}
		seen := map[string]bool{}
		for _, l := range all[m[1]] {
			seen[l] = true
		}
		for _, pair := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(m[2], -1) {
			if !strings.HasPrefix(pair[1], "otel_") {
				seen[pair[1]] = true
			}
		}
		all[m[1]] = slices.Sorted(maps.Keys(seen))
	}
	return all
}

func TestPrometheusSeesTheseNamesUnitsAndLabels(t *testing.T) {
	t.Parallel()
	text := scrape(t)
	const account, kind, outcome, reason = "sendgov_account", "sendgov_kind", "sendgov_outcome", "sendgov_reason"
	assert.Equal(t, map[string][]string{
		"sendgov_decisions_total":       {account, kind, outcome, reason},
		"sendgov_notices_total":         {account, "sendgov_notice"},
		"sendgov_store_failures_total":  {account},
		"sendgov_slots_used":            {account},
		"sendgov_slots_limit":           {account},
		"sendgov_slots_leased":          {account},
		"sendgov_slots_wait_seconds":    {account},
		"sendgov_health":                {account},
		"sendgov_number_rating":         {account, "sendgov_number"},
		"sendgov_tier_progress_ratio":   {account},
		"sendgov_messages":              {account, "sendgov_state"},
		"sendgov_store_latency_seconds": {account},
	}, exported(text))
	assert.NotContains(t, text, alice)
	assert.NotContains(t, text, bob)
	assert.Regexp(t, `(?m)^sendgov_slots_used\{.*\} 1$`, text)
	assert.Regexp(t, `(?m)^sendgov_number_rating\{.*\} 3$`, text)
	assert.Contains(t, text, "# TYPE sendgov_decisions_total counter")
	assert.Contains(t, text, "# TYPE sendgov_slots_used gauge")
}

// asked are the metrics that an expression reads, with the labels that it names.
func asked(t *testing.T, expr string) map[string][]string {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	require.NoError(t, err, expr)
	all := map[string][]string{}
	var grouped []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.AggregateExpr:
			grouped = append(grouped, n.Grouping...)
		case *parser.VectorSelector:
			names := []string{}
			for _, m := range n.LabelMatchers {
				if m.Name != model.MetricNameLabel {
					names = append(names, m.Name)
				}
			}
			all[n.Name] = append(all[n.Name], names...)
		}
		return nil
	})
	for name := range all {
		all[name] = append(all[name], grouped...)
	}
	return all
}

// exports is whether an expression reads only what there is.
func exports(t *testing.T, there map[string][]string, expr string) {
	t.Helper()
	reads := asked(t, expr)
	require.NotEmpty(t, reads, expr)
	for name, names := range reads {
		require.Contains(t, there, name, expr)
		for _, l := range names {
			require.Contains(t, there[name], l, expr)
		}
	}
}

func TestEveryMetricThatAnAlertWatchesIsExported(t *testing.T) {
	t.Parallel()
	there := exported(scrape(t))
	groups, faults := rulefmt.Parse(otelgovernor.Alerts(), false, model.UTF8Validation, parser.NewParser(parser.Options{}), nil)
	require.Empty(t, faults)
	names := map[string]bool{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			assert.NotEmpty(t, rule.Alert)
			assert.False(t, names[rule.Alert], "%s twice", rule.Alert)
			names[rule.Alert] = true
			assert.Contains(t, []string{"warning", "critical"}, rule.Labels["severity"])
			assert.NotEmpty(t, rule.Annotations["summary"])
			assert.NotEmpty(t, rule.Annotations["description"])
			exports(t, there, rule.Expr)
			// What a summary prints must be what the expression leaves.
			if strings.Contains(rule.Annotations["summary"], "$labels.sendgov_account") {
				assert.Contains(t, rule.Expr, "by (sendgov_account)")
			}
		}
	}
	assert.GreaterOrEqual(t, len(names), 9)
}

// dashboard is what a dashboard of Grafana must have to be of use.
type dashboard struct {
	Title         string
	UID           string
	SchemaVersion int
	Templating    struct {
		List []struct {
			Name, Type string
			Query      any
			Definition string
		}
	}
	Panels []struct {
		ID          int
		Title, Type string
		Description string
		Datasource  struct{ Type, UID string }
		GridPos     struct{ X, Y, W, H int }
		FieldConfig struct{ Defaults struct{ Unit string } }
		Targets     []struct {
			RefID        string
			Expr         string
			LegendFormat string
			Datasource   struct{ Type, UID string }
		}
	}
}

// variables are Grafana's, which Prometheus knows nothing of.
var variables = strings.NewReplacer("$__rate_interval", "5m", "$account", ".*")

func TestEveryMetricThatTheDashboardShowsIsExported(t *testing.T) {
	t.Parallel()
	there := exported(scrape(t))
	var d dashboard
	require.NoError(t, json.Unmarshal(otelgovernor.Dashboard(), &d))
	assert.NotEmpty(t, d.Title)
	assert.NotEmpty(t, d.UID)
	assert.GreaterOrEqual(t, d.SchemaVersion, 36)

	kinds := map[string]string{}
	for _, v := range d.Templating.List {
		kinds[v.Name] = v.Type
		if v.Type == "query" {
			m := regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`).FindStringSubmatch(v.Definition)
			require.NotNil(t, m, v.Definition)
			require.Contains(t, there[m[1]], m[2])
		}
	}
	assert.Equal(t, map[string]string{"datasource": "datasource", "account": "query"}, kinds)

	shown, ids := map[string]bool{}, map[int]bool{}
	taken := map[[2]int]string{}
	for _, p := range d.Panels {
		assert.False(t, ids[p.ID], "panel %d twice", p.ID)
		ids[p.ID] = true
		assert.NotEmpty(t, p.Title)
		assert.NotEmpty(t, p.Description, p.Title)
		assert.Contains(t, []string{"timeseries", "stat", "gauge"}, p.Type)
		assert.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
		assert.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				require.Empty(t, taken[at], "%s lies on %s", p.Title, taken[at])
				taken[at] = p.Title
			}
		}
		refs := map[string]bool{}
		for _, target := range p.Targets {
			assert.False(t, refs[target.RefID], p.Title)
			refs[target.RefID] = true
			assert.Equal(t, "${datasource}", target.Datasource.UID)
			expr := variables.Replace(target.Expr)
			exports(t, there, expr)
			for name := range asked(t, expr) {
				shown[name] = true
			}
			// What the legend prints must be what the expression leaves.
			for _, m := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(target.LegendFormat, -1) {
				assert.Regexp(t, `by \([^)]*\b`+m[1]+`\b`, expr)
			}
		}
	}
	assert.Equal(t, slices.Sorted(maps.Keys(there)), slices.Sorted(maps.Keys(shown)), "each metric is shown, and no other")
}
