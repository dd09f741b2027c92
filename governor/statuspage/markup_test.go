package statuspage_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// get asks a handler and returns its answer.
func get(t *testing.T, h http.Handler, target string) *httptest.ResponseRecorder {
	t.Helper()
	return do(t, h, http.MethodGet, target, nil)
}

func do(t *testing.T, h http.Handler, method, target string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for name, values := range header {
		req.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// element is a start tag as it stands in a page.
type element struct {
	name  string
	attrs map[string]string
	// text is what stands directly in it and in what it holds.
	text string

	b strings.Builder // becomes text
}

// elements reads a page, which the XML decoder takes since every tag that has
// an end is ended.
func elements(t *testing.T, page string) []*element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var all, open []*element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			say(open, " ", slices.Contains([]string{"time", "strong"}, e.name))
			all, open = append(all, e), append(open, e)
		case xml.EndElement:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1].name, token.Name.Local, "what is opened last is closed first")
			say(open, " ", slices.Contains([]string{"time", "strong", "span"}, token.Name.Local))
			open = open[:len(open)-1]
		case xml.CharData:
			say(open, string(token), false)
		}
	}
	require.Empty(t, open)
	for _, e := range all {
		e.text = e.b.String()
	}
	return all
}

// say adds text to what is open, unless it belongs to a sentence that goes on.
func say(open []*element, text string, goesOn bool) {
	for _, e := range open {
		if !goesOn {
			e.b.WriteString(text)
		}
	}
}

// named are the elements of one name.
func named(all []*element, names ...string) []*element {
	return slices.DeleteFunc(slices.Clone(all), func(e *element) bool { return !slices.Contains(names, e.name) })
}

// textOf is what a reader reads in main, with single spaces.
func textOf(t *testing.T, page string) string {
	t.Helper()
	mains := named(elements(t, page), "main")
	require.Len(t, mains, 1)
	return strings.Join(strings.Fields(mains[0].text), " ")
}

// requireWellMade holds a page to what every page has to have.
func requireWellMade(t *testing.T, page string) {
	t.Helper()
	all := elements(t, page)
	for name, want := range map[string]int{"html": 1, "title": 1, "h1": 1, "main": 1, "header": 1, "footer": 1, "nav": 1} {
		assert.Len(t, named(all, name), want, name)
	}
	assert.Equal(t, "en", all[0].attrs["lang"])
	ids := map[string]bool{}
	labelled := map[string]bool{}
	for _, e := range all {
		if id, ok := e.attrs["id"]; ok {
			assert.NotEmpty(t, id)
			assert.False(t, ids[id], "id %s twice", id)
			ids[id] = true
		}
		if e.name == "label" {
			labelled[e.attrs["for"]] = true
		}
	}
	for _, e := range all {
		requireOurs(t, e)
		switch e.name {
		case "input", "select":
			assert.True(t, e.attrs["type"] == "hidden" || labelled[e.attrs["id"]], "a field without a label: %v", e.attrs)
		case "section":
			assert.True(t, ids[e.attrs["aria-labelledby"]], "a section without a heading: %v", e.attrs)
		case "th":
			assert.Contains(t, []string{"col", "row"}, e.attrs["scope"])
			assert.NotEmpty(t, strings.TrimSpace(e.text))
		case "time":
			assert.True(t, e.attrs["datetime"] != "" || e.attrs["id"] == "at")
		case "svg":
			assert.True(t, e.attrs["aria-hidden"] == "true" || e.attrs["role"] == "img" && e.attrs["aria-label"] != "", "a drawing without words: %v", e.attrs)
		}
	}
	assert.Len(t, named(all, "caption"), len(named(all, "table")))
	level := 0
	for _, h := range named(all, "h1", "h2", "h3", "h4") {
		n, err := strconv.Atoi(h.name[1:])
		require.NoError(t, err)
		assert.LessOrEqual(t, n, level+1, "%s %q skips a level", h.name, h.text)
		level = n
	}
}

// requireOurs sees to it that an element brings no style or script of its own,
// and leads nowhere but to the handler itself, wherever that is mounted.
func requireOurs(t *testing.T, e *element) {
	t.Helper()
	assert.NotEqual(t, "style", e.name)
	if e.name == "script" {
		assert.NotEmpty(t, e.attrs["src"])
		assert.Empty(t, strings.TrimSpace(e.text))
	}
	for name, value := range e.attrs {
		assert.NotEqual(t, "style", name)
		assert.False(t, strings.HasPrefix(name, "on"), name)
		if slices.Contains([]string{"href", "src", "action"}, name) {
			assert.True(t, strings.HasPrefix(value, "?") || strings.HasPrefix(value, "#"), "%s=%s", name, value)
		}
	}
}
