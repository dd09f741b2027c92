package statuspage_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/statuspage"
	"github.com/sendgov/sendgov/quality"
	"github.com/sendgov/sendgov/tier"
)

// order is the accounts of a list, as they come.
func order(t *testing.T, page string) []string {
	t.Helper()
	var ids []string
	for _, e := range named(elements(t, page), "li") {
		if id := e.attrs["data-key"]; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestTheListIsWorstFirst(t *testing.T) {
	t.Parallel()
	banned := but(of(quality.Banned), func(s *governor.Snapshot) { s.Account = "banned" })
	h := statuspage.NewHandler(newFake(append(everything(), banned)...), statuspage.Config{})
	page := get(t, h, "/").Body.String()
	assert.Equal(t, []string{"banned", restricted, full, flaggedID, healthy, unlimited, fresh}, order(t, page))
	text := textOf(t, page)
	assert.Contains(t, text, "4 of 7 need attention.")
	assert.Contains(t, text, "812 of 2,000 slots used")
	assert.Contains(t, text, "Rated Medium or better")
	assert.Contains(t, text, "Heard 3 h ago")
	assert.Contains(t, text, "Nothing heard yet")
}

func TestAListSaysHowManyNeedSomebody(t *testing.T) {
	t.Parallel()
	two := but(aHealthy(), func(s *governor.Snapshot) { s.Account = "b" })
	for _, c := range []struct {
		of   []governor.Snapshot
		want string
	}{
		{nil, "No account is known yet."},
		{[]governor.Snapshot{aHealthy()}, "It needs nobody."},
		{[]governor.Snapshot{aFull()}, "It needs attention."},
		{[]governor.Snapshot{aHealthy(), two}, "None of 2 needs attention."},
		{[]governor.Snapshot{aHealthy(), aFull()}, "1 of 2 needs attention."},
	} {
		assert.Contains(t, textOf(t, get(t, statuspage.NewHandler(newFake(c.of...), statuspage.Config{}), "/").Body.String()), c.want)
	}
}

func TestAnEmptyListSaysHowItFills(t *testing.T) {
	t.Parallel()
	w := get(t, statuspage.NewHandler(newFake(), statuspage.Config{}), "/")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, textOf(t, w.Body.String()), "One appears here with its first message or webhook")
}

func TestAccountsHaveTheNamesOfTheConfig(t *testing.T) {
	t.Parallel()
	h := statuspage.NewHandler(newFake(everything()...), statuspage.Config{Name: func(id string) string {
		if id == healthy {
			return `<script>alert("Acme")</script>`
		}
		return ""
	}})
	page := get(t, h, "/").Body.String()
	assert.Contains(t, textOf(t, page), `<script>alert("Acme")</script>`)
	assert.NotContains(t, page, "<script>")
	assert.Contains(t, textOf(t, page), flaggedID)
	assert.Contains(t, textOf(t, get(t, h, "/?account="+healthy).Body.String()), healthy, "the ID is shown beside the name")
}

func TestAnAccountThatTheGovernorDoesNotListIsShownAsANewOne(t *testing.T) {
	t.Parallel()
	src := newFake(aHealthy())
	text := textOf(t, get(t, statuspage.NewHandler(src, statuspage.Config{}), "/?account=other").Body.String())
	assert.Contains(t, text, "Nobody has told this governor of the account. What follows is where a new one stands.")
	assert.Contains(t, text, "0 of 250 slots used")
}

func TestWhileTheStoreFailsWhatIsKnownIsShownAndSaidToBeOld(t *testing.T) {
	t.Parallel()
	src := newFake(everything()...)
	h := statuspage.NewHandler(src, statuspage.Config{})
	get(t, h, "/")
	src.fail(errDown)

	w := get(t, h, "/?account="+healthy)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	text := textOf(t, w.Body.String())
	assert.Contains(t, text, "The store does not answer. Replies pass; notifications are refused")
	assert.Contains(t, text, "What follows was read 12 min ago, at 25 Nov, 14:05 UTC.")
	assert.Contains(t, text, "As last read: healthy")
	assert.Contains(t, text, "812 of 2,000 slots used")
	assert.NotContains(t, text, errDown.Error())

	w = get(t, h, "/")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Len(t, order(t, w.Body.String()), len(everything()))
	assert.Contains(t, textOf(t, w.Body.String()), "What is shown was read before.")

	src.fail(nil)
	assert.Equal(t, http.StatusOK, get(t, h, "/").Code)
	assert.NotContains(t, textOf(t, get(t, h, "/?account="+healthy).Body.String()), "does not answer")
}

func TestAStoreThatHasNeverAnsweredLeavesNamesAndTheReason(t *testing.T) {
	t.Parallel()
	src := newFake(everything()...)
	src.fail(errDown)
	h := statuspage.NewHandler(src, statuspage.Config{})
	for _, target := range []string{"/", "/?account=" + healthy} {
		w := get(t, h, target)
		assert.Equal(t, http.StatusServiceUnavailable, w.Code)
		text := textOf(t, w.Body.String())
		assert.Contains(t, text, healthy)
		assert.Contains(t, text, "Not known")
		assert.Contains(t, text, "The store does not answer.")
		assert.NotContains(t, text, "read before")
	}
}

func TestAStoreThatIsDownIsNotAskedForEveryAccount(t *testing.T) {
	t.Parallel()
	src := &counting{fake: newFake()}
	for i := range 50 {
		src.set(governor.Snapshot{Account: fmt.Sprintf("a%02d", i), At: t0, Tier: tier.Tier250})
	}
	src.fail(errDown)
	page := get(t, statuspage.NewHandler(src, statuspage.Config{}), "/").Body.String()
	assert.Len(t, order(t, page), 50)
	assert.Equal(t, 3, src.asked)
}

func TestALongListEndsAndSaysSo(t *testing.T) {
	t.Parallel()
	src := &counting{fake: newFake()}
	for i := range 205 {
		src.set(governor.Snapshot{Account: fmt.Sprintf("a%03d", i), At: t0, Tier: tier.Tier250})
	}
	page := get(t, statuspage.NewHandler(src, statuspage.Config{}), "/").Body.String()
	requireWellMade(t, page)
	assert.Len(t, order(t, page), 200)
	assert.Equal(t, 200, src.asked)
	assert.Contains(t, textOf(t, page), "5 accounts are not shown.")
}

func TestWhatIsKeptForABadDayIsOfListedAccountsAlone(t *testing.T) {
	t.Parallel()
	src := newFake(aHealthy())
	src.unlisted = []string{healthy}
	h := statuspage.NewHandler(src, statuspage.Config{})
	get(t, h, "/?account="+healthy)
	src.fail(errDown)
	assert.Contains(t, textOf(t, get(t, h, "/?account="+healthy).Body.String()), "Not known", "anybody could fill the memory with IDs otherwise")
}

// counting counts the accounts that are asked about.
type counting struct {
	*fake
	asked int
}

func (c *counting) Snapshot(ctx context.Context, account string) (governor.Snapshot, error) {
	c.asked++
	return c.fake.Snapshot(ctx, account)
}

func TestAnOlderAnswerDoesNotReplaceANewerOne(t *testing.T) {
	t.Parallel()
	src := newFake(aHealthy())
	h := statuspage.NewHandler(src, statuspage.Config{})
	get(t, h, "/")
	src.set(but(aHealthy(), func(s *governor.Snapshot) { s.At, s.Used = t0.Add(-hour), 1 }))
	get(t, h, "/")
	src.fail(errDown)
	text := textOf(t, get(t, h, "/?account="+healthy).Body.String())
	require.Contains(t, text, "812 of 2,000 slots used")
	assert.Equal(t, 1, strings.Count(text, "The store does not answer."))
}
