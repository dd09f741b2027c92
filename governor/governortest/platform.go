package governortest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"time"
)

// What a [Platform] goes by where its [PlatformConfig] says nothing.
const (
	// DefaultLimit is how many people a new portfolio may message (messaging-limits, September 2026).
	DefaultLimit = 250
	// DefaultThroughput is how many messages a number takes in a second (throughput, September 2026).
	DefaultThroughput = 80
	// DefaultWABA is the WhatsApp Business Account of a number that names none.
	DefaultWABA = "102290129340398"
	// DefaultPortfolio is the business portfolio of a number that names none.
	DefaultPortfolio = "506914307656634"
	// DefaultPhone is the display phone number of a number that names none.
	DefaultPhone = "15550783881"
)

// Unlimited as a limit is the tier that has none.
const Unlimited = math.MaxInt

// PlatformConfig says what a [Platform] knows from the start. The zero value is a platform that lets any number send
// any template, all of one portfolio with a limit of [DefaultLimit].
type PlatformConfig struct {
	// Clock tells the platform the time. Nil is a new [Clock], which stands still until [Platform.Clock] is advanced.
	Clock interface{ Now() time.Time }

	// Limit is how many people each portfolio may message in any moving 24 hours, outside customer service windows.
	// It must not be negative. Defaults to [DefaultLimit].
	Limit int

	// Throughput is how many messages per second each number takes that names no throughput of its own. As many as
	// one second brings may come at once; the documentation does not say how the platform evens them out.
	// It must not be negative. Defaults to [DefaultThroughput].
	Throughput int

	// Numbers are the business phone numbers there are; a request for another fails as one for an object that does
	// not exist. None at all means that any phone number ID is good and belongs to the default account and portfolio.
	Numbers []PlatformNumber

	// Templates are the approved templates; a send of another fails with 132001. None at all means that any name and
	// language is good and of category UTILITY.
	Templates []PlatformTemplate

	// WAIDs maps the digits of a phone number to the WhatsApp ID that the platform knows its owner by, where they
	// differ, as they do for part of Brazil and Mexico (send-messages, September 2026). Defaults to the digits.
	WAIDs map[string]string

	// UserIDs maps a business-scoped user ID to the WhatsApp ID of the same person. The platform then counts the two
	// as one. Defaults to nobody: each user ID is a person of its own.
	UserIDs map[string]string

	// Webhooks, if not nil, gets the body of every webhook: inbound messages, statuses of accepted messages, and what
	// the methods that steer the platform bring about. It is called by whoever caused it, one call per event, without
	// any lock held; for a send that is before the answer goes out, so that a status overtakes it, as may happen in
	// life. It must be safe for concurrent use if requests are concurrent, and may keep the body.
	Webhooks func(body []byte)
}

// PlatformNumber is one business phone number.
type PlatformNumber struct {
	ID         string // the phone number ID, as in the path of a request; required
	Phone      string // the phone number as displayed; empty is [DefaultPhone]
	WABA       string // the WhatsApp Business Account; empty is [DefaultWABA]
	Portfolio  string // the business portfolio, whose numbers share one limit; empty is [DefaultPortfolio]
	Throughput int    // messages per second; zero is that of the config, negative is an error
}

// PlatformTemplate is one approved template.
type PlatformTemplate struct {
	Name     string // required
	Language string // as a send gives it, such as en_US; required
	Category string // MARKETING, UTILITY or AUTHENTICATION; empty is UTILITY
}

// TB is what [NewPlatform] wants of a *testing.T, *testing.B or *testing.F.
type TB interface {
	// Helper marks the caller as one whose lines a failure is not blamed on.
	Helper()
	// Cleanup has a function called when the test ends.
	Cleanup(func())
	// Fatalf fails the test and ends it.
	Fatalf(format string, args ...any)
}

// Platform is a Cloud API server on the loopback interface that follows the documented rules and keeps its own books.
// It shares no code with the packages it is there to test. Its books are plain lists that are read from end to end, so
// it is for thousands of people, not for millions.
// All methods are safe for concurrent use.
type Platform struct {
	server      *httptest.Server
	clock       interface{ Now() time.Time }
	hooks       func([]byte)
	people      people
	throughput  int
	anyNumber   bool
	anyTemplate bool

	// mu guards what follows. Webhooks are sent without it.
	mu           sync.Mutex
	limit        int
	numbers      []*number
	templates    []*template
	locked       []string // WABAs, an empty one being all of them
	restrictions []restriction
	rejections   []rejection // what the next sends get
	failures     []int       // what becomes of the next accepted messages
	drops        int         // how many of the next answers are lost
	serial       int
	books        books
	truth        truth
}

// number is a business phone number and what the platform currently says about it.
type number struct {
	PlatformNumber
	status string
	rating string
}

// template is an approved template. Where any is good, those are kept that have been paused or disabled, and an empty
// language stands for all.
type template struct {
	PlatformTemplate
	state string // APPROVED, PAUSED or DISABLED
}

// NewPlatform starts a platform that is closed when the test ends. It fails the test if cfg is at fault.
func NewPlatform(tb TB, cfg PlatformConfig) *Platform {
	tb.Helper()
	p, err := StartPlatform(cfg)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(p.Close)
	return p
}

// StartPlatform starts a platform outside a test. The caller must [Platform.Close] it.
// The error joins all faults of cfg, or says why nothing listens.
func StartPlatform(cfg PlatformConfig) (*Platform, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	p := &Platform{
		clock:       cfg.Clock,
		hooks:       cfg.Webhooks,
		limit:       cmp.Or(cfg.Limit, DefaultLimit),
		throughput:  cmp.Or(cfg.Throughput, DefaultThroughput),
		people:      people{waIDs: map[string]string{}, userIDs: map[string]string{}},
		anyNumber:   len(cfg.Numbers) == 0,
		anyTemplate: len(cfg.Templates) == 0,
	}
	if cfg.Clock == nil {
		p.clock = NewClock()
	}
	for _, n := range cfg.Numbers {
		p.addNumber(n)
	}
	for _, t := range cfg.Templates {
		t.Category = cmp.Or(t.Category, "UTILITY")
		p.templates = append(p.templates, &template{PlatformTemplate: t, state: "APPROVED"})
	}
	for phone, waID := range cfg.WAIDs {
		p.people.waIDs[digitsOf(phone)] = digitsOf(waID)
	}
	for userID, waID := range cfg.UserIDs {
		p.people.userIDs[userID] = digitsOf(waID)
	}

	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("governortest: %w", err)
	}
	p.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: p}}
	p.server.Start()
	return p, nil
}

// Close stops the server, once the requests under way are answered. Closing again does nothing. As every httptest.Server
// it closes the idle connections of http.DefaultTransport too, so tests that run in parallel had better not share that
// one: see [Platform.Transport].
func (p *Platform) Close() { p.server.Close() }

// URL returns the address of the server, without a slash at its end. It stands for https://graph.facebook.com.
func (p *Platform) URL() string { return p.server.URL }

// Transport returns a transport that sends every request here, whatever host its address names; the request itself
// is left as it is. A client whose addresses cannot be changed is pointed at the platform with it.
func (p *Platform) Transport() http.RoundTripper {
	return redirect{to: p.server.Listener.Addr().String(), base: p.server.Client().Transport}
}

// Clock returns the platform's clock if it is a [Clock], else nil.
func (p *Platform) Clock() *Clock {
	clock, _ := p.clock.(*Clock)
	return clock
}

// redirect is a transport that leads every request to one host.
type redirect struct {
	to   string
	base http.RoundTripper
}

// RoundTrip sends a copy of the request to that host.
func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	led := req.Clone(req.Context())
	led.Host = req.Host
	if led.Host == "" {
		led.Host = req.URL.Host
	}
	led.URL.Scheme, led.URL.Host = "http", r.to
	res, err := r.base.RoundTrip(led)
	if res != nil {
		res.Request = req
	}
	return res, err
}

func (cfg PlatformConfig) validate() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("governortest: "+format, args...))
	}
	if cfg.Limit < 0 {
		fault("Limit: %d, want 0 or more", cfg.Limit)
	}
	if cfg.Throughput < 0 {
		fault("Throughput: %d, want 0 or more", cfg.Throughput)
	}
	for i, n := range cfg.Numbers {
		switch same := func(o PlatformNumber) bool { return o.ID == n.ID }; {
		case n.ID == "" || url.PathEscape(n.ID) != n.ID:
			fault("Numbers[%d].ID: %q, want one plain path segment", i, n.ID)
		case slices.IndexFunc(cfg.Numbers, same) < i:
			fault("Numbers[%d].ID: %q is there already", i, n.ID)
		case n.Throughput < 0:
			fault("Numbers[%d].Throughput: %d, want 0 or more", i, n.Throughput)
		}
	}
	for i, t := range cfg.Templates {
		if t.Name == "" || t.Language == "" {
			fault("Templates[%d]: want a name and a language", i)
		}
	}
	return errors.Join(faults...)
}

func (p *Platform) addNumber(n PlatformNumber) *number {
	n.Phone = cmp.Or(n.Phone, DefaultPhone)
	n.WABA = cmp.Or(n.WABA, DefaultWABA)
	n.Portfolio = cmp.Or(n.Portfolio, DefaultPortfolio)
	n.Throughput = cmp.Or(n.Throughput, p.throughput)
	added := &number{PlatformNumber: n, status: "CONNECTED", rating: "GREEN"}
	p.numbers = append(p.numbers, added)
	return added
}

// numberLocked returns the number with this ID, which may be made on the spot, or nil if there is none.
func (p *Platform) numberLocked(id string) *number {
	for _, n := range p.numbers {
		if n.ID == id {
			return n
		}
	}
	if !p.anyNumber {
		return nil
	}
	return p.addNumber(PlatformNumber{ID: id})
}
