package governorhttp_test

import (
	"errors"
	"testing"

	"github.com/sendgov/sendgov/governor/governorhttp"
)

// pollErrors takes a joined error apart.
func pollErrors(err error) []*governorhttp.PollError {
	var found []*governorhttp.PollError
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, e := range joined.Unwrap() {
		var fault *governorhttp.PollError
		if errors.As(e, &fault) {
			found = append(found, fault)
		}
	}
	return found
}

func TestNothing(t *testing.T) { t.Parallel() }
