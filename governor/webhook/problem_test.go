package webhook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/webhook"
)

func TestTheSameProblemIsToldOnceWithItsCount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 250, nil)
	var list []string
	for range 1000 {
		list = append(list, about(waba, "of_tomorrow", t0, `{"x":1}`))
	}
	require.Equal(t, 200, f.post(body(list...)))
	assert.Equal(t, []string{"unknown in of_tomorrow (WABA " + waba + "): field (1000 times)"}, f.told())
}

func TestSoManyProblemsAreToldAndNoMore(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 250, nil)
	var list []string
	for i := range 200 {
		list = append(list, about(waba, "field"+strings.Repeat("x", i%100)+strings.Repeat("y", i/100), t0, `{"x":1}`))
	}
	require.Equal(t, 200, f.post(body(list...)))
	require.Len(t, f.problems, 64)
	last, total := f.problems[63], 0
	assert.Equal(t, "more problems than are told", last.Detail)
	for _, p := range f.problems {
		total += p.Count
	}
	assert.Equal(t, 200, total)

	_, problems := events(t, body(strings.Repeat(`1,`, 199)+`1`))
	total = 0
	for _, p := range problems {
		total += p.Count
	}
	assert.Equal(t, 200, total, "those that the parser has counted included")
}

func TestAProblemIsFitForALog(t *testing.T) {
	t.Parallel()
	p := webhook.Problem{Kind: webhook.Refused, WABA: "1", Number: "2", Field: "messages", Detail: "detail", Err: errFault, Count: 3}
	assert.Equal(t, "refused in messages (WABA 1, number 2): detail: fault for a test (3 times)", p.String())
	assert.Equal(t, "[kind=refused count=3 field=messages waba=1 number=2 detail=detail err=fault for a test]", p.LogValue().String())
	assert.Equal(t, "none", webhook.Problem{}.String())
	assert.Equal(t, "[kind=none count=0]", webhook.Problem{}.LogValue().String())
	assert.Equal(t, "unknown (number 2)", webhook.Problem{Kind: webhook.Unknown, Number: "2", Count: 1}.String())
	assert.Equal(t, "problem_200", webhook.ProblemKind(200).String())
	words := map[string]bool{}
	for kind := webhook.Unsigned; kind <= webhook.Panicked; kind++ {
		words[fmt.Sprint(kind)] = true
	}
	assert.Len(t, words, 6)
}

func TestAnIDThatIsNoneIsNotTold(t *testing.T) {
	t.Parallel()
	_, problems := events(t, body(about(strings.Repeat("9", 5000), "of_tomorrow", t0, `{"x":1}`)))
	require.Len(t, problems, 1)
	assert.Equal(t, "an ID of 5000 bytes", problems[0].WABA)
}
