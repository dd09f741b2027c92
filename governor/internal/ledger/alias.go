package ledger

import (
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// canonical follows the spellings learned to the one that counts. There is no
// circle to get lost in: alias never closes one.
func (a *Account) canonical(recipient string) string {
	if a.aliases == nil {
		return recipient
	}
	return a.follow(recipient)
}

func (a *Account) follow(recipient string) string {
	for {
		next, ok := a.aliases.Get(recipient)
		if !ok || next == ambiguous {
			return recipient
		}
		recipient = next
	}
}

// ambiguous stands for the person behind a spelling that has turned out to be
// more than one: a number without country code is completed by each sender's
// own. It is then a person of its own until an answer tells who it was.
const ambiguous = ""

// confirm notes that the platform knows a phone number by this very spelling.
// Where the spelling has stood for somebody else, it stands for two. It reports
// whether that is new.
func (a *Account) confirm(spelling string) bool {
	if a.aliases == nil {
		return false
	}
	stands, ok := a.aliases.Peek(spelling)
	if ok {
		a.aliases.Add(spelling, ambiguous)
	}
	return ok && stands != ambiguous
}

// Alias makes one person of two spellings, and reports whether they were two.
func (a *Account) Alias(alias, canonical string, now time.Time) (changed bool) {
	a.advance(now)
	return a.alias(alias, canonical, now)
}

func (a *Account) alias(alias, canonical string, told time.Time) bool {
	if alias == "" || canonical == "" {
		return false // nobody has no other spelling
	}
	canonical = a.canonical(canonical)
	if alias == canonical || a.canonical(alias) == canonical {
		return false
	}
	if a.aliases == nil {
		a.aliases, _ = simplelru.NewLRU[string, string](maxAliases, nil) // fails only for no size
	}
	if stands, ok := a.aliases.Peek(alias); ok {
		a.aliases.Add(alias, ambiguous)
		return stands != ambiguous
	}
	a.aliases.Add(alias, canonical)
	a.window().Merge(alias, canonical, a.now)
	a.mergeConsents(alias, canonical)
	for _, number := range slices.Sorted(maps.Keys(a.inbounds)) { // the same order each time
		a.service.Merge(number, alias, canonical)
	}
	now := a.pace(told).at()
	for _, r := range a.rates {
		r.merge(alias, canonical, now)
	}
	return true
}
