package main

import (
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADayGoesByAndThePageTellsOfIt(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	c, err := newCity(t.Context(), log.New(&out, "", 0))
	require.NoError(t, err)
	defer c.close()
	require.NoError(t, c.past(t.Context()))

	// pass lets so much time go by, with no clock but the city's own.
	pass := func(d time.Duration) {
		ticks := make(chan time.Time, d/pace)
		for range cap(ticks) {
			ticks <- time.Time{}
		}
		close(ticks)
		require.NoError(t, c.live(t.Context(), ticks))
	}
	page := func(query string) string {
		w := httptest.NewRecorder()
		c.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path+query, nil))
		require.Equal(t, http.StatusOK, w.Code)
		return w.Body.String()
	}
	assert.Contains(t, page("?account=506914307656635"), "the limit is expected to fall to 2,000", "flagged when the page opens")

	pass(3 * time.Hour)
	assert.Contains(t, page("?account=506914307656636"), "The platform holds back notifications")
	pass(5 * time.Hour)
	assert.Contains(t, page("?account=506914307656635"), "recovers if the rating holds Medium or better")
	assert.Contains(t, page("?account=506914307656634"), offer)
	pass(6 * time.Hour)
	assert.NotContains(t, page("?account=506914307656636"), "The platform holds back notifications", "it has lapsed")
	assert.Contains(t, page("?account=506914307656638"), "Flagged")
	assert.Contains(t, page("?account=506914307656637"), "Limit used up", "it has refused, whether or not a slot is free at this moment")
	pass(2 * time.Hour)
	assert.Contains(t, page(""), "of 10,000 slots used")

	require.NoError(t, c.sum(t.Context()), out.String())
	assert.Contains(t, out.String(), "Acme Shop: the limit was 2K, is 10K")
}

func TestItEndsByItselfAndSaysSo(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, "127.0.0.1:0", time.Millisecond), out.String())
	assert.Contains(t, out.String(), "Open http://127.0.0.1:")
	assert.Contains(t, out.String(), "ends by itself in 1ms")
	assert.Contains(t, out.String(), "rejected 0")
}
