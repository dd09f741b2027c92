package main

import (
	"time"

	"github.com/sendgov/sendgov/governor/governortest"
)

// chapter is something that happens so long after the page has opened, and
// maybe again each day.
type chapter struct {
	at      time.Duration
	title   string
	daily   bool
	happens func(c *city)
}

// story is what happens on the day that the page shows, by the hour.
func story() []chapter {
	return []chapter{
		{2 * time.Hour, "Citywide Clinics is restricted for ten hours.", true, func(c *city) {
			s := c.shops[2]
			s.platform.Restrict(s.waba, governortest.RestrictBusinessInitiated, c.clock.Now().Add(10*time.Hour))
		}},
		{4 * time.Hour, "Customers of Everyday Bank complain.", true, func(c *city) {
			s := c.shops[4]
			s.platform.SetQuality(s.number, "YELLOW")
		}},
		{6 * time.Hour, "Bakery Nord has stopped its offers, and its rating improves.", false, func(c *city) {
			s := c.shops[1]
			s.platform.SetQuality(s.number, "YELLOW")
		}},
		{7 * time.Hour, "Acme Shop's offer is disliked and paused.", true, func(c *city) {
			c.shops[0].platform.PauseTemplate(offer)
		}},
		{8 * time.Hour, "More customers of Everyday Bank complain.", true, func(c *city) {
			s := c.shops[4]
			s.platform.SetQuality(s.number, "RED")
		}},
		{10 * time.Hour, "Acme Shop's offer may be sent again.", true, func(c *city) {
			c.shops[0].platform.ResumeTemplate(offer)
		}},
		{15 * time.Hour, "Acme Shop may reach 10,000 people.", false, func(c *city) {
			c.shops[0].platform.SetLimit(10_000)
		}},
		{18 * time.Hour, "Everyday Bank has listened, and its rating is good again.", true, func(c *city) {
			s := c.shops[4]
			s.platform.SetQuality(s.number, "GREEN")
		}},
	}
}
