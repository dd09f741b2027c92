package webhook

import (
	"context"
	"errors"
	"fmt"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/cloudapi"
)

// Config is what a [Handler] needs and what it can do beside. The zero Config
// is refused.
type Config struct {
	// AppSecret is the secret of the app that the webhooks come from, by which
	// they are signed. Required.
	AppSecret string
	// OtherSecrets are accepted too: the former or the next one while the
	// secret is being changed, or those of other apps. None may be empty.
	// Defaults to none.
	OtherSecrets []string
	// VerifyToken is the token that the app's dashboard was given for this
	// address. The platform's GET is answered only if it brings the same.
	// Required.
	VerifyToken string

	// MaxBody is how many bytes a webhook may have; a longer one is answered
	// with 413. The platform's own longest has 3 MB (webhooks/overview,
	// 2026-09-11). Negative is refused. Defaults to 4 MiB.
	MaxBody int64

	// OptOut tells whether somebody's message takes back their consent, and to
	// what: "STOP", a button "Unsubscribe". [StopWords] makes one. It is called
	// once for each message with a text or a button, before next gets the
	// webhook, on the request's goroutine and with no lock held, so it must be
	// fast and safe for concurrent use. A webhook that is delivered again asks
	// again. A panic in it is contained and told to OnProblem. Nil: messages
	// are not read for that.
	OptOut func(message cloudapi.Inbound) (topic string, ok bool)

	// OnProblem is told what the governor learned nothing from, each different
	// problem of a webhook once, before next gets the webhook, on the request's
	// goroutine and with no lock held, so it must be fast and safe for
	// concurrent use. A panic in it is contained. Nil: nobody is told.
	OnProblem func(ctx context.Context, p Problem)

	// PassUnobserved hands a webhook to next even while the governor's store
	// fails. The answer is 503 all the same, so that the platform delivers the
	// webhook again for the governor's sake, and next gets it each time: it
	// must tell by the message IDs what it has seen. Defaults to false: next
	// waits for the delivery that the governor could take in.
	PassUnobserved bool
}

// defaultMaxBody leaves room above the platform's 3 MB.
const defaultMaxBody = 4 << 20

// Validate reports everything that is wrong with c at once, as
// [*governor.FieldError]s joined. They hold no secret.
func (c Config) Validate() error {
	var faults []error
	fault := func(field, text string) {
		faults = append(faults, &governor.FieldError{Field: "webhook.Config." + field, Fault: text})
	}
	if c.AppSecret == "" {
		fault("AppSecret", "is empty, want the app's secret: without it anybody could report anything")
	}
	for i, secret := range c.OtherSecrets {
		if secret == "" {
			fault(fmt.Sprintf("OtherSecrets[%d]", i), "is empty, want an app's secret")
		}
	}
	if c.VerifyToken == "" {
		fault("VerifyToken", "is empty, want the token that the app's dashboard has")
	}
	if c.MaxBody < 0 {
		fault("MaxBody", fmt.Sprintf("is %d, want a positive number of bytes, or zero for %d", c.MaxBody, defaultMaxBody))
	}
	return errors.Join(faults...)
}
