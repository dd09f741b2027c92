package quality_test

import (
	"math/rand/v2"
	"testing"

	"github.com/sendgov/sendgov/quality"
)

func BenchmarkAnswers(b *testing.B) {
	now := t0.Add(5 * week)
	for name, s := range map[string]quality.State{
		"healthy": after(t0, status("CONNECTED"), rated(quality.High)),
		"busy":    after(now, randomEvents(rand.New(rand.NewPCG(1, 0)), 60, 5*week)...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Health(now)
				s.Blocked(quality.Marketing, now)
			}
		})
	}
}

func BenchmarkNextPoll(b *testing.B) {
	s, now := quality.State{}, t0
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(hour)
		s, _ = quality.Next(s, rated(quality.High), now)
		s, _ = quality.Next(s, status("CONNECTED"), now)
	}
}
