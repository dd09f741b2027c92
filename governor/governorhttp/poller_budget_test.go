package governorhttp_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/governorhttp"
)

// busiestHour is the most requests that came in within a moving hour.
func busiestHour(requests []asked) int {
	most := 0
	for i := range requests {
		n := 0
		for _, other := range requests[i:] {
			if other.at.Sub(requests[i].at) <= time.Hour {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// endless answers a list with a page that others follow, for ever.
func endless() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("after"))
		_, _ = fmt.Fprintf(w, `{"data":[],"paging":{"cursors":{"after":"%d"},"next":"x"}}`, page+1)
	}
}

func TestNoMovingHourCostsAWABAMoreThanItsBudget(t *testing.T) {
	t.Parallel()
	const seed = 20261122
	busy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	for _, row := range []struct {
		name     string
		budget   int
		interval time.Duration
		arrange  func(*polled)
		want     int // of requests in six hours, at least
	}{
		{"all well", 0, 0, func(*polled) {}, 190},
		{"many pages", 0, 0, func(p *polled) {
			p.does(waba+"/message_templates", endless())
			p.does(waba+"/phone_numbers", endless())
		}, 450},
		{"many pages as fast as can be", 200, 54 * time.Second, func(p *polled) {
			p.does(waba+"/message_templates", endless())
			p.does(waba+"/phone_numbers", endless())
		}, 900},
		{"rare rounds", 200, time.Hour, func(p *polled) { p.does(waba+"/message_templates", endless()) }, 1100},
		{"everything fails", 0, 108 * time.Second, func(p *polled) {
			for _, path := range []string{waba, waba + "/message_templates", waba + "/phone_numbers"} {
				p.does(path, busy)
			}
		}, 20},
		{"no field is known", 0, 108 * time.Second, func(p *polled) {
			for _, path := range []string{waba, waba + "/message_templates", waba + "/phone_numbers"} {
				p.fails(path, http.StatusBadRequest, 100)
			}
		}, 20},
		{"numbers by themselves", 0, 108 * time.Second, func(p *polled) {
			for i := range 40 {
				id := strconv.Itoa(200000 + i)
				p.poller.Numbers = append(p.poller.Numbers, id)
				p.says(id, node(id, entities("AVAILABLE", `{"entity_type":"WABA","id":"`+waba+`","can_send_message":"AVAILABLE"}`)))
			}
		}, 400},
		{"numbers of who knows whom", 0, 108 * time.Second, func(p *polled) {
			for i := range 40 {
				id := strconv.Itoa(200000 + i)
				p.poller.Numbers = append(p.poller.Numbers, id)
				p.says(id, node(id, ""))
			}
		}, 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.poller.Budget, p.poller.Interval = row.budget, row.interval
			random := rand.New(rand.NewPCG(seed, 1))
			p.poller.Random = random.Float64
			row.arrange(p)
			require.Error(t, p.run(6*time.Hour))

			requests := p.requests("")
			t.Logf("seed %d: %d requests, %d in the busiest hour", seed, len(requests), busiestHour(requests))
			assert.LessOrEqual(t, busiestHour(requests), max(row.budget, 100))
			assert.GreaterOrEqual(t, len(requests), row.want)
		})
	}
}

func TestPollingByHandKeepsTheBudgetToo(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	var first error
	for range 90 {
		if err := p.tryPoll(); first == nil {
			first = err
		}
	}
	require.ErrorIs(t, first, governorhttp.ErrNotAsked)
	require.ErrorContains(t, first, "the budget of 100 requests an hour is spent")
	assert.LessOrEqual(t, busiestHour(p.requests("")), 100)
	assert.Greater(t, len(p.requests("")), 100)
}

func TestTheDefaultsStayFarInsideTheDocumentedBudget(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	require.Error(t, p.run(3*time.Hour))
	assert.LessOrEqual(t, busiestHour(p.requests("")), 200/4)
}

func TestEachWABAHasABudgetOfItsOwn(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Budget, p.poller.Interval = 3, time.Hour
	p.poller.WABAs = []string{waba, secondWABA}
	p.says(secondWABA, `{"id":"`+secondWABA+`"}`)
	p.says(secondWABA+"/phone_numbers", nothing)
	p.says(secondWABA+"/message_templates", nothing)
	p.poll()
	assert.Len(t, p.requests(""), 6)
}

func TestAClockThatJumpsBackHoldsNothingUpForLong(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Budget, p.poller.Interval = 3, time.Hour
	p.poll()
	p.clock.Advance(-10 * 24 * time.Hour)
	require.ErrorIs(t, p.tryPoll(), governorhttp.ErrNotAsked)
	p.clock.Advance(time.Hour + time.Minute)
	p.poll()

	p = newPolled(t)
	p.fails(waba, http.StatusInternalServerError, 2)
	require.Error(t, p.tryPoll())
	p.says(waba, wabaOK)
	p.clock.Advance(-10 * 24 * time.Hour)
	p.poll()
}

func TestRoundsAreSpreadByAFifth(t *testing.T) {
	t.Parallel()
	for random, want := range map[float64]time.Duration{
		0: 5 * time.Minute, 0.5: 5*time.Minute + 30*time.Second, 1: 6 * time.Minute, 7: 6 * time.Minute, -7: 5 * time.Minute,
	} {
		p := newPolled(t)
		p.poller.Random = func() float64 { return random }
		require.Error(t, p.run(10*time.Minute))
		requests := p.requests(waba)
		require.GreaterOrEqual(t, len(requests), 2)
		assert.Equal(t, want, requests[1].at.Sub(requests[0].at))
	}

	p := newPolled(t)
	p.poller.Random = nil
	require.Error(t, p.run(7*time.Minute))
	requests := p.requests(waba)
	require.Len(t, requests, 2)
	assert.Less(t, requests[1].at.Sub(requests[0].at), 6*time.Minute+1)
	assert.GreaterOrEqual(t, requests[1].at.Sub(requests[0].at), 5*time.Minute)
}

// rests are the times between the requests for a path.
func rests(requests []asked) []time.Duration {
	var all []time.Duration
	for i := 1; i < len(requests); i++ {
		all = append(all, requests[i].at.Sub(requests[i-1].at))
	}
	return all
}

func TestWhatFailsIsAskedForMoreAndMoreRarely(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.fails(waba, http.StatusInternalServerError, 2)
	require.Error(t, p.run(4*time.Hour))
	assert.Equal(t, []time.Duration{
		5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, time.Hour, time.Hour,
	}, rests(p.requests(waba)))

	p.says(waba, wabaOK)
	require.Error(t, p.run(2*time.Hour))
	last := rests(p.requests(waba))
	assert.Equal(t, 5*time.Minute, last[len(last)-1], "after a success all is as before")

	before := len(p.requests(waba))
	p.fails(waba, http.StatusInternalServerError, 2)
	require.Error(t, p.run(16*time.Minute))
	assert.Equal(t, []time.Duration{5 * time.Minute, 10 * time.Minute}, rests(p.requests(waba)[before:]))
}

func TestABackoffHoldsWhatTheErrorConcerns(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name         string
		status, code int
		// What comes in the first round and the one after, in which all is well.
		sameWABA, otherWABA int
	}{
		{"a fault of the one thing", 500, 131000, 2, 2},
		{"the WABA's rate", 400, 80007, 1, 2},
		{"the WABA's rate, as 429", 429, 80007, 1, 2},
		{"the app's rate", 400, 4, 1, 1},
		{"too many requests, of what is not said", 429, 0, 1, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.poller.WABAs = []string{waba, secondWABA}
			p.says(secondWABA, `{"id":"`+secondWABA+`"}`)
			p.says(secondWABA+"/phone_numbers", nothing)
			p.says(secondWABA+"/message_templates", nothing)
			p.does(waba, func(w http.ResponseWriter, _ *http.Request) {
				if len(p.requests(waba)) == 1 {
					refuse(w, row.status, row.code, 0)
					return
				}
				_, _ = w.Write([]byte(wabaOK))
			})
			require.Error(t, p.run(6*time.Minute))
			assert.Len(t, p.requests(waba), 2)
			assert.Len(t, p.requests(waba+"/message_templates"), row.sameWABA)
			assert.Len(t, p.requests(secondWABA), row.otherWABA)
		})
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, header string
		want         time.Duration
	}{
		{"seconds", "1800", 30 * time.Minute},
		{"a date", "Thu, 01 Jan 2026 00:20:00 GMT", 20 * time.Minute},
		{"a date that is past", "Thu, 01 Jan 2025 00:20:00 GMT", 5 * time.Minute},
		{"less than the interval", "1", 5 * time.Minute},
		{"too long", "999999999", 24 * time.Hour},
		{"nonsense", "soon", 5 * time.Minute},
		{"negative", "-5", 5 * time.Minute},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPolled(t)
			p.does(waba, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", row.header)
				w.WriteHeader(http.StatusServiceUnavailable)
			})
			require.Error(t, p.run(25*time.Hour))
			assert.Equal(t, row.want, rests(p.requests(waba))[0])
		})
	}
}

func TestANumberIsAskedForByItselfOnlyIfNoWABAListsIt(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.Numbers = []string{number}
	p.lists(node(number, `"status":"CONNECTED"`))
	p.says(number, node(number, `"status":"CONNECTED"`))
	p.poll()
	assert.Empty(t, p.requests(number))

	p.fails(waba+"/phone_numbers", http.StatusForbidden, 200)
	assert.Error(t, p.tryPoll())
	assert.Len(t, p.requests(number), 1, "the list fails")

	p.clock.Advance(5 * time.Minute)
	p.lists(node(number, `"status":"CONNECTED"`))
	p.poll()
	assert.Len(t, p.requests(number), 1)
}

func TestANumberByItselfCountsAsItsWABAs(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.WABAs, p.poller.Numbers = nil, []string{number, secondNumber}
	health := entities("AVAILABLE", entity("WABA", "AVAILABLE", `"id":"`+waba+`"`))
	p.says(number, node(number, health))
	p.says(secondNumber, node(secondNumber, health))
	p.poll()
	p.fails(number, http.StatusBadRequest, 80007)
	require.Error(t, p.tryPoll())
	assert.Len(t, p.requests(number), 2)
	assert.Len(t, p.requests(secondNumber), 1, "the whole WABA is left alone")
}

func TestNumbersByThemselvesTakeTurns(t *testing.T) {
	t.Parallel()
	p := newPolled(t)
	p.poller.WABAs = nil
	for i := range 20 {
		id := strconv.Itoa(200000 + i)
		p.poller.Numbers = append(p.poller.Numbers, id)
		p.says(id, node(id, ""))
	}
	require.Error(t, p.run(11*time.Minute))
	for _, id := range p.poller.Numbers {
		assert.NotEmpty(t, p.requests(id))
		assert.LessOrEqual(t, len(p.requests(id)), 2)
	}
}
