package window_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/window"
)

type bend struct {
	at   time.Time
	free int
}

func bends(w *window.Window, now time.Time) []bend {
	var out []bend
	for at, free := range w.Curve(now) {
		out = append(out, bend{at, free})
	}
	return out
}

func TestTheCurveTellsWhenHowManyAreFree(t *testing.T) {
	t.Parallel()
	w := mustNew(t, window.Period)
	assert.Empty(t, bends(w, t0))
	for i := range 1000 { // over more than one leaf, and all at three instants
		w.Renew(phones(1000)[i], t0, t0.Add(time.Duration(i%3)*time.Hour))
	}
	w.Renew(phones(1)[0], t0, t0.Add(3*time.Hour)) // was one of the first
	assert.Equal(t, []bend{
		{t0.Add(h24), 333},
		{t0.Add(h24 + time.Hour), 666},
		{t0.Add(h24 + 2*time.Hour), 999},
		{t0.Add(h24 + 3*time.Hour), 1000},
	}, bends(w, t0))
	assert.Len(t, bends(w, t0.Add(h24+time.Hour)), 2)
	for at := range w.Curve(t0) {
		assert.Equal(t, t0.Add(h24+2*time.Hour), at)
		break
	}
}
