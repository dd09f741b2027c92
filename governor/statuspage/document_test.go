package statuspage_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/tier"
)

// object is a JSON object as it is read back.
type object = map[string]any

// part is a piece of JSON as what it should be, or nothing.
func part[T any](v any) T {
	t, _ := v.(T)
	return t
}

// document reads the JSON of a page.
func document(t *testing.T, h http.Handler, target string) object {
	t.Helper()
	w := get(t, h, target)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var doc object
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
	return doc
}

// servedSchema is the schema as it is served.
func servedSchema(t *testing.T) object {
	t.Helper()
	w := get(t, statuspage.NewHandler(newFake(), statuspage.Config{}), "/?format=schema")
	require.Equal(t, "application/schema+json", w.Header().Get("Content-Type"))
	var schema object
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &schema))
	return schema
}

// breaches holds a value to a schema, as far as ours goes: what it says of
// types, constants, properties and items.
func breaches(root, schema object, value any, at string) []string {
	if ref, ok := schema["$ref"].(string); ok {
		def, _ := root["$defs"].(object)[strings.TrimPrefix(ref, "#/$defs/")].(object)
		return breaches(root, def, value, at)
	}
	if want, ok := schema["const"]; ok && want != value {
		return []string{at + ": not the constant"}
	}
	if words, ok := schema["enum"].([]any); ok {
		if !slices.Contains(words, value) {
			return []string{at + ": not one of the words"}
		}
		return nil
	}
	switch schema["type"] {
	case "string":
		s, ok := value.(string)
		layout := map[any]string{"date-time": time.RFC3339, "date": time.DateOnly}[schema["format"]]
		if _, err := time.Parse(layout, s); !ok || layout != "" && err != nil {
			return []string{at + ": no such string"}
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return []string{at + ": no boolean"}
		}
	case "integer", "number":
		n, ok := value.(float64)
		low, bounded := schema["minimum"].(float64)
		if !ok || schema["type"] == "integer" && n != float64(int64(n)) || bounded && n < low {
			return []string{at + ": no such number"}
		}
	case "array":
		values, ok := value.([]any)
		if !ok {
			return []string{at + ": no array"}
		}
		var all []string
		for _, v := range values {
			all = append(all, breaches(root, part[object](schema["items"]), v, at+"[]")...)
		}
		return all
	case "object":
		return objectBreaches(root, schema, value, at)
	}
	return nil
}

func objectBreaches(root, schema object, value any, at string) []string {
	o, ok := value.(object)
	if !ok {
		return []string{at + ": no object"}
	}
	var all []string
	properties, _ := schema["properties"].(object)
	for name, v := range o {
		property, known := properties[name].(object)
		if !known {
			property, known = schema["additionalProperties"].(object)
		}
		if !known {
			all = append(all, at+"."+name+": not described")
			continue
		}
		all = append(all, breaches(root, property, v, at+"."+name)...)
	}
	required, _ := schema["required"].([]any)
	for _, r := range required {
		if name := part[string](r); !slices.Contains(slices.Collect(maps.Keys(o)), name) {
			all = append(all, at+"."+name+": missing")
		}
	}
	return all
}

func TestTheJSONIsAsTheSchemaSays(t *testing.T) {
	t.Parallel()
	schema := servedSchema(t)
	src := newFake(everything()...)
	src.plan = governor.Plan{
		Decision: governor.Decision{Reason: governor.TierLimit, RetryAt: t0.Add(hour), Account: healthy}, Now: 1,
		Steps: []governor.Release{{At: t0, Free: 1}}, Done: t0.Add(hour), Slowest: time.Minute,
	}
	h := statuspage.NewHandler(src, statuspage.Config{})
	targets := []string{"/?format=json", "/?format=json&account=" + healthy + "&people=50&from=" + n1, "/?format=json&account=" + healthy + "&people=x", "/?format=json&account=" + full + "&people=1&from=" + n1}
	for _, target := range targets {
		assert.Empty(t, breaches(schema, schema, document(t, h, target), target))
	}
	src.fail(errDown)
	for _, target := range targets {
		assert.Empty(t, breaches(schema, schema, document(t, h, target), target))
		assert.Equal(t, http.StatusServiceUnavailable, get(t, h, target).Code)
	}
	never := newFake(everything()...)
	never.fail(errDown)
	assert.Empty(t, breaches(schema, schema, document(t, statuspage.NewHandler(never, statuspage.Config{}), "/?format=json"), "never"))
	assert.Empty(t, breaches(schema, schema, document(t, statuspage.NewHandler(newFake(), statuspage.Config{}), "/?format=json"), "empty"))
}

func TestWhatTheSchemaDoesNotAllowIsSeen(t *testing.T) {
	t.Parallel()
	schema := servedSchema(t)
	doc := func(account object) object {
		return object{"version": 1.0, "accounts": []any{account}}
	}
	good := object{"id": "a", "name": "a", "known": false, "store_failed": true, "summary": "x"}
	assert.Empty(t, breaches(schema, schema, doc(good), ""))
	for name, value := range map[string]any{"id": 1.0, "known": "yes", "health": "Fine", "used": -1.0, "limit": 1.5, "at": "yesterday", "phone": "x", "days": object{}, "progress": object{}, "store": []any{}} {
		bad := object{name: value}
		for k, v := range good {
			if k != name {
				bad[k] = v
			}
		}
		assert.NotEmpty(t, breaches(schema, schema, doc(bad), ""), name)
	}
	assert.NotEmpty(t, breaches(schema, schema, object{"version": 2.0, "accounts": []any{}}, ""))
	assert.NotEmpty(t, breaches(schema, schema, object{"version": 1.0}, ""))
}

func TestEveryFieldOfTheSchemaIsOnceThere(t *testing.T) {
	t.Parallel()
	// Whatever no fixture fills would be described, and checked, in vain.
	rich := but(aFlagged(), func(s *governor.Snapshot) {
		s.Leased, s.ColdUntil = 5, t0.Add(hour)
		s.Store = governor.StoreSnapshot{Latency: time.Millisecond, Failures: 1, LastFailure: t0}
		s.Numbers[0].RestsUntil = t0.Add(time.Second)
		s.Numbers[0].Restrictions = aRestricted().WABAs[0].Restrictions
		s.WABAs[0].Restrictions = aRestricted().WABAs[0].Restrictions
	})
	src := newFake(rich)
	src.plan = governor.Plan{Decision: governor.Decision{RetryAt: t0, Account: rich.Account}, Steps: []governor.Release{{At: t0, Free: 1}}, Done: t0}
	h := statuspage.NewHandler(src, statuspage.Config{})
	seen := map[string]bool{"more": true, "fault": true}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			for name, inner := range v {
				seen[name] = true
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	walk(document(t, h, "/?format=json&people=5&from="+n1+"&account="+rich.Account))
	schema := servedSchema(t)
	defs := []any{schema}
	for _, def := range part[object](schema["$defs"]) {
		defs = append(defs, def)
	}
	for _, def := range defs {
		for name := range part[object](part[object](def)["properties"]) {
			assert.True(t, seen[name], name)
		}
	}
}

func TestTheJSONSaysWhatThePageSays(t *testing.T) {
	t.Parallel()
	src := newFake(everything()...)
	h := statuspage.NewHandler(src, statuspage.Config{Name: func(id string) string { return "name of " + id }})
	doc := document(t, h, "/?format=json")
	accounts := part[[]any](doc["accounts"])
	require.Len(t, accounts, len(everything()))
	first := part[object](accounts[0])
	assert.Equal(t, restricted, first["id"], "worst first, as in the list")
	assert.Equal(t, "name of "+restricted, first["name"])
	assert.Equal(t, "Restricted", first["health"])
	assert.InDelta(t, 812, first["used"], 0)
	assert.InDelta(t, 1188, first["free"], 0)
	assert.InDelta(t, 120, first["leased"], 0)
	assert.Equal(t, "2026-11-25T14:05:00Z", first["at"])
	assert.Len(t, first["days"], 7)

	one := part[[]any](document(t, h, "/?format=json&account="+unlimited)["accounts"])
	require.Len(t, one, 1)
	assert.NotContains(t, one[0], "limit")
	assert.NotContains(t, one[0], "free")
	assert.Equal(t, true, part[object](one[0])["unlimited"])
	assert.Equal(t, tier.Unlimited.String(), part[[]any](part[object](one[0])["ladder"])[4])
}
