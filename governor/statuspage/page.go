package statuspage

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/sendgov/sendgov/governor"
)

// assets is everything that a page is made of. Nothing comes from elsewhere.
//
//go:embed assets
var assets embed.FS

// schema describes the JSON.
//
//go:embed assets/schema.json
var schema []byte

// layout holds the templates "page" and "main".
var layout = template.Must(template.ParseFS(assets, "assets/*.gohtml"))

// served are the files that a page asks for, and their types.
var served = map[string]string{
	"style.css": "text/css; charset=utf-8",
	"live.js":   "text/javascript; charset=utf-8",
	"icon.svg":  "image/svg+xml",
}

func serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	contentType, ok := served[name]
	body, err := assets.ReadFile("assets/" + name)
	if !ok || err != nil {
		http.Error(w, "no such asset", http.StatusNotFound)
		return
	}
	send(w, r, http.StatusOK, contentType, body)
}

// A page is what the templates are given.
type page struct {
	// Title is the document's. Seconds is how often it asks for news.
	Title   string
	Seconds string
	// Tag names what main holds; see the header ETag.
	Tag string
	// At is the time of what it shows; JSON is the address of the same as JSON.
	At   moment
	JSON string
	// One is the account that it is about, or else Many are those there are.
	One  *account
	Many *index
	// Say is what a screen reader is told when it changes.
	Say string
}

// An index is the list of accounts.
type index struct {
	Entries []entry
	// Summary says how many need somebody.
	Summary string
	More    string
	Notices []notice
}

// pageOf puts an answer into words.
func pageOf(a answer, refresh time.Duration) *page {
	now := newest(a.readings)
	p := &page{Seconds: strconv.Itoa(int(refresh / time.Second)), At: at(now, now), JSON: "?format=json"}
	if a.Account != "" {
		r := a.readings[0]
		one := accountOf(r, planOf(a.whatIf, snapshotOf(r), a.plan))
		p.One, p.Title = &one, one.Badge.Word+": "+one.Name
		p.Say = one.Name + ": " + one.Badge.Word
		p.JSON = "?" + query(a)
		return p
	}
	p.Many = indexOf(a)
	p.Title, p.Say = "Accounts", p.Many.Summary
	return p
}

// snapshotOf is the reading's snapshot, with the account's ID in any case.
func snapshotOf(r reading) governor.Snapshot {
	s := r.Snapshot
	s.Account = r.ID
	return s
}

func indexOf(a answer) *index {
	ix := &index{}
	needy := 0
	for _, r := range a.readings {
		e := entryOf(r)
		if e.Badge.Tone == bad || e.Badge.Tone == warn {
			needy++
		}
		ix.Entries = append(ix.Entries, e)
	}
	switch n := len(a.readings); {
	case n == 0:
		ix.Summary = "No account is known yet."
	case needy == 0 && n == 1:
		ix.Summary = "It needs nobody."
	case needy == 0:
		ix.Summary = "None of " + count(n) + " needs attention."
	case n == 1:
		ix.Summary = "It needs attention."
	default:
		verb := " needs attention."
		if needy > 1 {
			verb = " need attention."
		}
		ix.Summary = count(needy) + " of " + count(n) + verb
	}
	if a.more > 0 {
		ix.More = counted(a.more, "account is", "accounts are") + " not shown."
	}
	if failedAll(a.readings) {
		ix.Notices = []notice{{bad, "The store does not answer.", storeless}}
		if !newest(a.readings).IsZero() {
			ix.Notices[0].Text += " What is shown was read before."
		}
	}
	return ix
}

func (p *page) render(name string) ([]byte, error) {
	var b bytes.Buffer
	if err := layout.ExecuteTemplate(&b, name, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
