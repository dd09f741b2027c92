package quality_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/quality"
)

// step hands say to the state at an instant and wants the health and the
// effects after it. An event without a time happens at that instant.
type step struct {
	at      time.Time
	say     quality.Event
	want    quality.Health
	effects []quality.Effect
}

func walk(t *testing.T, steps []step) quality.State {
	t.Helper()
	var s quality.State
	for i, step := range steps {
		var effects []quality.Effect
		s, effects = quality.Next(s, step.say, step.at)
		require.Equal(t, step.want.String(), s.Health(step.at).String(), "step %d, t0+%v", i, step.at.Sub(t0))
		require.Equal(t, step.effects, effects, "step %d, t0+%v", i, step.at.Sub(t0))
	}
	return s
}

// changed is the one effect that most steps have.
func changed(from, to quality.Health, at time.Time) []quality.Effect {
	return []quality.Effect{quality.HealthChanged{From: from, To: to, At: at}}
}

func rated(r quality.Rating) quality.Event { return quality.RatingReported{Rating: r} }

func status(word string) quality.Event { return quality.StatusReported{Word: word} }

// shortly is how much before an instant is still before it.
const shortly = time.Nanosecond
