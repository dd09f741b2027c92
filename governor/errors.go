package governor

import (
	"errors"
	"fmt"
)

// Errors that every refusal and every fault can be told apart by, with
// [errors.Is].
var (
	// ErrDenied matches every [*DeniedError], whatever its reason.
	ErrDenied = errors.New("governor: denied")

	// ErrTierLimit matches a denial because the account's messaging limit is
	// used up.
	ErrTierLimit = errors.New("governor: messaging limit reached")
	// ErrRestricted matches a denial because the platform restricts the
	// account or the number.
	ErrRestricted = errors.New("governor: restricted by the platform")
	// ErrInactive matches a denial because the number or the account cannot
	// send at all: banned, offline or pending.
	ErrInactive = errors.New("governor: number or account inactive")
	// ErrWindowClosed matches the denial of a reply whose customer service
	// window has closed.
	ErrWindowClosed = errors.New("governor: customer service window closed")
	// ErrNumberRate matches a denial because the number sends faster than
	// its throughput.
	ErrNumberRate = errors.New("governor: number throughput exceeded")
	// ErrPairRate matches a denial because the number sends to this one
	// recipient faster than the platform allows.
	ErrPairRate = errors.New("governor: pair rate exceeded")
	// ErrUnwanted matches a denial because the recipient opted out, has a
	// cool-down, or has not opted in where that is required.
	ErrUnwanted = errors.New("governor: not wanted by the recipient")
	// ErrTemplate matches a denial because the template is paused, disabled or
	// not approved.
	ErrTemplate = errors.New("governor: template not sendable")
	// ErrPlatformBusy matches a denial because the platform asked to stay away
	// for a moment.
	ErrPlatformBusy = errors.New("governor: platform asked to wait")
	// ErrStore matches a denial because the store did not answer, so that
	// nobody can tell whether there is room.
	ErrStore = errors.New("governor: store failed")

	// ErrInvalid matches every error about what the caller passed in.
	ErrInvalid = errors.New("governor: invalid")
	// ErrUnknownNumber matches a message from a number that no account has.
	// It matches ErrInvalid too.
	ErrUnknownNumber = fmt.Errorf("%w: number not configured", ErrInvalid)
	// ErrSettled is what Commit returns for a reservation that was cancelled.
	ErrSettled = errors.New("governor: reservation was cancelled")
	// ErrNotSent is for the functions that [Governor.Do] calls: an error that
	// wraps it says that the message definitely did not go out, so that its
	// slot comes back. Any other error leaves the slot taken, since nobody
	// knows.
	ErrNotSent = errors.New("governor: not sent")
)

// A DeniedError is a refusal. It matches [ErrDenied] and the sentinel of its
// reason, and unwraps to the fault behind it, if there is one.
type DeniedError struct {
	// Decision says which rule refused, on what evidence, and until when.
	Decision Decision
	// Cause is the fault behind a refusal with reason [StoreFailed]. From
	// [Governor.Wait] it is, or is joined with, [context.DeadlineExceeded] when
	// the wait would be too long. Else nil.
	Cause error
}

// Error returns one sentence. It holds no recipient.
func (e *DeniedError) Error() string {
	if e.Cause != nil {
		return "governor: " + e.Decision.String() + ": " + e.Cause.Error()
	}
	return "governor: " + e.Decision.String()
}

// Is reports whether target is [ErrDenied] or the sentinel of the reason.
func (e *DeniedError) Is(target error) bool {
	return target == ErrDenied || target == e.Decision.Reason.sentinel()
}

// Unwrap returns the fault behind the refusal, or nil.
func (e *DeniedError) Unwrap() error { return e.Cause }

// A FieldError says which field is wrong and how, without its value where
// that could be a person's. It matches [ErrInvalid].
type FieldError struct {
	// Field is the path of the field, as "To" or
	// "Config.Accounts[2].Numbers[0].ID".
	Field string
	// Fault says what is wrong and what is wanted.
	Fault string

	cause error // nil, or an error that the fault is known by
}

// Error returns "governor: " and the field and its fault.
func (e *FieldError) Error() string { return "governor: " + e.Field + " " + e.Fault }

// Is reports whether target is [ErrInvalid].
func (e *FieldError) Is(target error) bool { return target == ErrInvalid }

// Unwrap returns what the fault is known by, as [ErrUnknownNumber], or nil.
func (e *FieldError) Unwrap() error { return e.cause }

func invalid(field, fault string) error { return &FieldError{Field: field, Fault: fault} }

// unknownNumber is the fault of a number that no account has; cause matches
// ErrUnknownNumber.
func unknownNumber(field string, cause error) error {
	return &FieldError{Field: field, Fault: "is a number that no account has", cause: cause}
}

// joinInvalid collects faults. It spares the good case an allocation.
func joinInvalid(err, fault error) error {
	if err == nil {
		return fault
	}
	return errors.Join(err, fault)
}
