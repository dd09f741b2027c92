package quality_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/sendgov/sendgov/quality"
)

func ExampleNext() {
	monday := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s, _ := quality.Next(quality.State{}, quality.StatusReported{Word: "CONNECTED"}, monday)

	s, effects := quality.Next(s, quality.RatingReported{Rating: quality.Low}, monday.AddDate(0, 0, 1))
	for _, effect := range effects {
		switch e := effect.(type) {
		case quality.HealthChanged:
			fmt.Println(e.At.Format("Mon 2 Jan"), e.From, "to", e.To)
		case quality.UpgradesBlocked:
			fmt.Println(e.At.Format("Mon 2 Jan"), "no upgrade until", e.Until.Format("Mon 2 Jan"))
		}
	}

	next, _ := s.NextChange(monday.AddDate(0, 0, 1))
	s, effects = quality.Next(s, quality.Tick{}, next)
	for _, effect := range effects {
		switch e := effect.(type) {
		case quality.HealthChanged:
			fmt.Println(e.At.Format("Mon 2 Jan"), e.From, "to", e.To)
		case quality.TierLowered:
			fmt.Println(e.At.Format("Mon 2 Jan"), "one tier lower, flagged since", e.Flagged.Format("Mon 2 Jan"))
		}
	}
	fmt.Println(s.Health(next), s.Rating())
	// Output:
	// Tue 3 Mar Connected to Flagged
	// Tue 3 Mar no upgrade until Tue 17 Mar
	// Tue 10 Mar one tier lower, flagged since Tue 3 Mar
	// Tue 10 Mar Flagged to Connected
	// Connected Low
}

func ExampleState_Blocked() {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s, _ := quality.Next(quality.State{}, quality.RestrictionReported{
		Type:  quality.RestrictedBusinessMessaging,
		Until: now.Add(72 * time.Hour),
	}, now)

	if block, blocked := s.Blocked(quality.Marketing, now); blocked {
		fmt.Println(block.Health, block.Type, "until", block.Until.Format(time.DateTime))
	}
	_, blocked := s.Blocked(quality.Replies, now)
	fmt.Println("replies blocked:", blocked)
	_, blocked = s.Blocked(quality.Marketing, now.Add(72*time.Hour))
	fmt.Println("marketing blocked after 72 hours:", blocked)
	// Output:
	// Restricted RESTRICTED_BIZ_INITIATED_MESSAGING until 2026-03-05 09:00:00
	// replies blocked: false
	// marketing blocked after 72 hours: false
}

func ExampleParseRating() {
	rating, err := quality.ParseRating("yellow")
	fmt.Println(rating, err)
	rating, err = quality.ParseRating("PURPLE")
	fmt.Println(rating, errors.Is(err, quality.ErrUnknownWord))
	// Output:
	// Medium <nil>
	// Unknown true
}

func ExampleState_NextChange() {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	s, _ := quality.Next(quality.State{}, quality.BanReported{
		State: "SCHEDULE_FOR_DISABLE",
		Date:  now.AddDate(0, 0, 5),
	}, now)
	next, _ := s.NextChange(now)
	fmt.Println(s.Health(now), "until", next.Format(time.DateOnly), "and then", s.Health(next))
	// Output:
	// Connected until 2026-03-07 and then Banned
}
