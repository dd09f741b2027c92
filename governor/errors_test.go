package governor_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

// sentinels is the error that each reason's denial matches, nil for none.
var sentinels = map[governor.Reason]error{
	governor.Undecided: nil, governor.Passed: nil, governor.TierLimit: governor.ErrTierLimit,
	governor.PlatformRestricted: governor.ErrRestricted, governor.Inactive: governor.ErrInactive, governor.WindowClosed: governor.ErrWindowClosed,
	governor.NumberRate: governor.ErrNumberRate, governor.PairRate: governor.ErrPairRate, governor.StoreFailed: governor.ErrStore,
	governor.OptedOut: governor.ErrUnwanted, governor.NotOptedIn: governor.ErrUnwanted, governor.TemplateHeld: governor.ErrTemplate,
	governor.PlatformBusy: governor.ErrPlatformBusy, governor.LocalBudget: nil,
}

func TestADenialMatchesItsReasonAndNoOther(t *testing.T) {
	t.Parallel()
	all := []error{
		governor.ErrTierLimit, governor.ErrRestricted, governor.ErrInactive, governor.ErrWindowClosed, governor.ErrNumberRate, governor.ErrPairRate,
		governor.ErrStore, governor.ErrUnwanted, governor.ErrTemplate, governor.ErrPlatformBusy,
		governor.ErrInvalid, governor.ErrUnknownNumber, governor.ErrSettled, governor.ErrNotSent,
	}
	for reason := range allReasons {
		own, known := sentinels[reason]
		require.Truef(t, known, "%v", reason)
		denied := &governor.DeniedError{Decision: governor.Decision{Reason: reason}, Cause: errFault}
		for _, err := range []error{denied, fmt.Errorf("post: %w", denied), errors.Join(errors.New("another"), denied)} {
			require.ErrorIs(t, err, governor.ErrDenied)
			require.ErrorIs(t, err, errFault)
			var as *governor.DeniedError
			require.ErrorAs(t, err, &as)
			assert.Same(t, denied, as)
			for _, sentinel := range all {
				assert.Equalf(t, sentinel == own, errors.Is(err, sentinel), "%v and %v", reason, sentinel) //nolint:errorlint // Which of the table's own it is.
			}
		}
	}
	assert.NotErrorIs(t, &governor.DeniedError{Decision: governor.Decision{Reason: 200}}, governor.ErrStore)
}

func TestADenialTellsItsDecisionAndItsCause(t *testing.T) {
	t.Parallel()
	d := governor.Decision{Reason: governor.StoreFailed}
	denied := &governor.DeniedError{Decision: d}
	assert.Equal(t, "governor: "+d.String(), denied.Error())
	assert.NoError(t, denied.Unwrap())
	denied.Cause = errFault
	assert.Equal(t, "governor: "+d.String()+": fault for a test", denied.Error())
	assert.Equal(t, errFault, denied.Unwrap())
}

func TestAFieldErrorIsInvalidAndNoDenial(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("load: %w", &governor.FieldError{Field: "To", Fault: "is empty"})
	require.ErrorIs(t, err, governor.ErrInvalid)
	for _, other := range []error{governor.ErrDenied, governor.ErrUnknownNumber, governor.ErrStore} {
		assert.NotErrorIs(t, err, other)
	}
	var field *governor.FieldError
	require.ErrorAs(t, err, &field)
	assert.Equal(t, "governor: To is empty", field.Error())
	assert.NoError(t, field.Unwrap())
}

func TestAnUnknownNumberIsInvalidToo(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, governor.ErrUnknownNumber, governor.ErrInvalid)
	assert.NotErrorIs(t, governor.ErrInvalid, governor.ErrUnknownNumber)
	assert.NotErrorIs(t, governor.ErrUnknownNumber, governor.ErrDenied)
}
