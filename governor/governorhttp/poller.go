package governorhttp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// A Poller asks the platform from time to time what no webhook tells, such as a
// number's quality rating, and what a lost webhook would have told, and hands
// the answers to a [governor.Governor]: of each WABA its limit, its portfolio,
// its review and health and its templates, and of each number its limit,
// rating, status, throughput and health.
//
//	poller := &governorhttp.Poller{Governor: gov, Token: token, WABAs: []string{"102290129340398"}}
//	err := poller.Run(ctx) // until ctx ends
//
// What it learns merges with webhooks by time. It counts as said when it was
// asked for, to the whole second as the platform's own times are, so that a
// webhook which comes while the answer is under way wins; of two words of the
// same second the stricter holds.
//
// The zero Poller is refused. Fields must not be changed once it is in use; it
// is then safe for concurrent use, and must not be copied. It starts no
// goroutine.
type Poller struct {
	// Governor is told. Required, but for [Poller.Accounts] and
	// [Poller.Portfolio], which come before there is one.
	Governor *governor.Governor

	// Client carries the requests out. It may add the token by itself, as one
	// of package oauth2 does, where tokens change. Redirects are not followed:
	// a token is for BaseURL alone. A client without a timeout gets one of 30 s,
	// so that one answer that never comes does not stop the rest. Nil: a client
	// on http.DefaultTransport.
	Client *http.Client
	// Token is the access token, sent as "Authorization: Bearer". It is in no
	// error. Empty: Client sees to it.
	Token string
	// BaseURL is where the Graph API is, version included. Versions before
	// v24.0 may not know the limit's new field; the deprecated one is then read
	// (messaging-limits, 2026-09-11). Defaults to
	// "https://graph.facebook.com/v24.0".
	BaseURL string

	// WABAs are the IDs of the WhatsApp Business Accounts to poll, each with
	// all its numbers and templates.
	WABAs []string
	// Numbers are phone number IDs to poll by themselves, one request each.
	// One that a WABA lists is not asked for again. With no WABAs at least one.
	Numbers []string

	// Interval is how long a Run rests between two rounds, and up to a fifth
	// more. It must leave a round three requests of Budget per WABA: 1m48s and
	// more with the default, up to 24h. Defaults to 5m.
	Interval time.Duration
	// Budget is how many requests one WABA may cost in any moving hour, whatever
	// happens. The platform allows an app 200, or 5,000 for a WABA with a
	// registered number (its page on rate limits, 2026-09), and counts those of
	// other programs of the same app and of other replicas too. 3 to 5,000.
	// Defaults to 100.
	Budget int

	// Clock tells the time. It should be the Governor's. Nil is the system
	// clock.
	Clock governor.Clock
	// Random returns numbers from 0 to less than 1, by which rests are spread so
	// that replicas do not ask all at once. Nil is package math/rand/v2.
	Random func() float64
	// OnError is told what Run could not read, understand or hand on, each thing
	// once a round, but nothing that was not asked for because it failed
	// before. It runs on Run's goroutine with no lock held. A panic in it is
	// contained. Nil: nobody is told.
	OnError func(ctx context.Context, err *PollError)

	// mu guards what follows. It is held neither during a request nor while the
	// user's code runs.
	mu     sync.Mutex
	pace   pace
	levels map[string]int       // which set of fields an object knows, by path
	cursor map[string]string    // where to go on in a list, by path
	homes  map[string]string    // the WABA of one of Numbers, as far as known
	listed map[string]string    // the WABA whose list has one of Numbers
	tried  map[string]time.Time // when one of Numbers was asked for last
	owing  map[string]time.Time // when a payment issue was last reported, by node
}

const (
	defaultBaseURL  = "https://graph.facebook.com/v24.0"
	defaultInterval = 5 * time.Minute
	longestInterval = 24 * time.Hour
	defaultBudget   = 100
	largestBudget   = 5000
	// leastShare is what a round cannot do without: the WABA itself, a page of
	// numbers, a page of templates.
	leastShare = 3
)

// Run polls at once and then in every Interval, until ctx ends, and returns
// ctx's error. What fails is told to OnError, asked for more and more rarely,
// and stops nothing else. Before the first request it returns what [Poller.Validate]
// finds.
func (p *Poller) Run(ctx context.Context) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for {
		for _, fault := range p.round(ctx) {
			p.tell(ctx, fault)
		}
		if err := p.rest(ctx); err != nil {
			return err
		}
	}
}

// Poll makes one round at once. The error joins a [*PollError] for each thing
// that could not be read, understood or handed on; the rest was. What was not
// asked for, because it failed shortly before or the hour's Budget is spent, is
// among them and matches [ErrNotAsked]. If ctx has ended the error matches
// ctx's. Lists that are longer than a round's share go on in the next round.
func (p *Poller) Poll(ctx context.Context) error {
	if err := p.Validate(); err != nil {
		return err
	}
	faults := []error{}
	for _, fault := range p.round(ctx) {
		faults = append(faults, fault)
	}
	return errors.Join(append(faults, ctx.Err())...)
}

// rest waits until the next round is due.
func (p *Poller) rest(ctx context.Context) error {
	random := rand.Float64
	if p.Random != nil {
		random = p.Random
	}
	spread := time.Duration(random() * float64(p.interval()/5))
	due, stop := p.clock().NewTimer(p.interval() + min(max(0, spread), p.interval()/5))
	defer stop()
	select {
	case <-due:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tell hands a fault to OnError. A panic of that is its own loss: the next
// round must come.
func (p *Poller) tell(ctx context.Context, fault *PollError) {
	if p.OnError == nil || errors.Is(fault, ErrNotAsked) {
		return
	}
	defer func() { _ = recover() }()
	p.OnError(ctx, fault)
}

// Validate reports everything that is wrong with the fields at once, as
// [*governor.FieldError]s joined. They hold no token.
func (p *Poller) Validate() error {
	var faults []error
	if p.Governor == nil {
		faults = append(faults, fieldFault("Governor", "is nil, want a Governor"))
	}
	if len(p.WABAs)+len(p.Numbers) == 0 {
		faults = append(faults, fieldFault("WABAs", "is empty, and so is Numbers; want at least one of them"))
	}
	return errors.Join(append(faults, p.faults()...)...)
}

// faults are those of the fields that every request needs.
func (p *Poller) faults() []error {
	var faults []error
	fault := func(field, format string, args ...any) {
		faults = append(faults, fieldFault(field, fmt.Sprintf(format, args...)))
	}
	if strings.ContainsFunc(p.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		fault("Token", "has %d characters, among them one that no token has", len(p.Token))
	}
	if u, err := url.Parse(p.baseURL()); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && u.Scheme != "http" {
		fault("BaseURL", "has %d characters, want a scheme, a host and a version as in %s", len(p.BaseURL), defaultBaseURL)
	}
	if b := p.budget(); b < leastShare || b > largestBudget {
		fault("Budget", "is %d, want %d to %d, or zero for %d", p.Budget, leastShare, largestBudget, defaultBudget)
	} else if shortest := leastShare * time.Hour / time.Duration(b); p.interval() < shortest || p.interval() > longestInterval {
		fault("Interval", "is %v, want %v to %v, or zero for %v", p.Interval, shortest, longestInterval, defaultInterval)
	}
	for _, list := range []struct {
		field string
		ids   []string
	}{{"WABAs", p.WABAs}, {"Numbers", p.Numbers}} {
		first := map[string]int{}
		for i, id := range list.ids {
			if f := nodeFault(id); f != "" {
				fault(fmt.Sprintf("%s[%d]", list.field, i), "%s", f)
			} else if j, twice := first[id]; twice {
				fault(fmt.Sprintf("%s[%d]", list.field, i), "is %q, as %s[%d] is; want each once", id, list.field, j)
			} else {
				first[id] = i
			}
		}
	}
	return faults
}

func fieldFault(field, fault string) error {
	return &governor.FieldError{Field: "Poller." + field, Fault: fault}
}

// nodeFault says why an ID can be no path of the Graph API, or nothing.
func nodeFault(id string) string {
	const longest = 64
	switch {
	case id == "":
		return "is empty"
	case len(id) > longest:
		return fmt.Sprintf("has %d characters, want at most %d", len(id), longest)
	case strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') && r != '_' && r != '-'
	}):
		return "has a character other than letters, digits, _ and -"
	}
	return ""
}

func (p *Poller) baseURL() string {
	if p.BaseURL == "" {
		return defaultBaseURL
	}
	return strings.TrimRight(p.BaseURL, "/")
}

func (p *Poller) interval() time.Duration {
	if p.Interval == 0 {
		return defaultInterval
	}
	return p.Interval
}

func (p *Poller) budget() int {
	if p.Budget == 0 {
		return defaultBudget
	}
	return p.Budget
}

// share is how many requests of a WABA's a round may make.
func (p *Poller) share() int {
	return max(leastShare, int(time.Duration(p.budget())*p.interval()/time.Hour))
}

func (p *Poller) clock() governor.Clock {
	if p.Clock == nil {
		return governor.SystemClock()
	}
	return p.Clock
}
