package cloudapi_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

// released are the documented codes whose send certainly did not happen.
var released = []int{
	0, 3, 10, 190, 200, 210, 299, 4, 33, 100, 368, 80007, 130403, 130429, 130472, 130497, 131005, 131008, 131009, 131021, 131026,
	131030, 131031, 131037, 131042, 131045, 131047, 131048, 131049, 131050, 131051, 131052, 131053, 131055, 131056, 131057,
	131062, 131063, 131064, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 133000, 133005,
	133006, 133008, 133009, 133010, 133015, 134011, 134100, 134101, 134102, 135000, 137000, 139200,
}

// kept are the documented codes after which the platform may deliver
// nevertheless, or that answer no send.
var kept = []int{1, 2, 131000, 131016, 133004, 133016, 138000, 138006, 138999, 141002, 141010, 2388019, 2388001}

func TestTheTableHoldsEveryDocumentedCode(t *testing.T) {
	t.Parallel()
	for _, code := range slices.Concat(released, kept) {
		info := cloudapi.Lookup(code)
		assert.Equal(t, code, info.Code)
		assert.True(t, info.Known(), code)
		assert.NotEmpty(t, info.Meaning, code)
		assert.NotEqual(t, cloudapi.ScopeUnknown, info.Scope, code)
		assert.NotEqual(t, cloudapi.AffectsUnknown, info.Affects, code)
		assert.Equal(t, slices.Contains(released, code), info.NotSent, code)
	}
	codes := cloudapi.TableCodes()
	require.True(t, slices.IsSorted(codes))
	for _, code := range codes {
		assert.Contains(t, slices.Concat(released, kept), code)
	}
}

func TestAnUnknownOutcomeIsNeverNotSent(t *testing.T) {
	t.Parallel()
	for _, code := range []int{
		-1, 5, 199, 300, 131001, 131999, 132999, 133999, 136000, 140000, 999999, 2387999, 2389000, math.MaxInt, math.MinInt,
	} {
		info := cloudapi.Lookup(code)
		assert.Equal(t, code, info.Code)
		assert.False(t, info.NotSent, code)
	}
	for _, code := range []int{-1, 131001, 999999, math.MaxInt, math.MinInt} {
		assert.Equal(t, cloudapi.Info{Code: code}, cloudapi.Lookup(code))
		assert.False(t, cloudapi.Lookup(code).Known())
	}
}

func TestWhatCodesTellBesideTheRejection(t *testing.T) {
	t.Parallel()
	consent := map[int]cloudapi.Consent{
		131050: cloudapi.ConsentMarketingRevoked, 131049: cloudapi.ConsentMarketingPaused, 130403: cloudapi.ConsentBlocked,
	}
	for _, code := range cloudapi.TableCodes() {
		info := cloudapi.Lookup(code)
		assert.Equal(t, consent[code], info.Consent, code)
		assert.Equal(t, code == 131047, info.ClosesWindow, code)
		assert.Equal(t, code == 131056, info.Exponential, code)
	}
	assert.Equal(t, 24*time.Hour, cloudapi.Lookup(131049).Wait)
}

func TestPairBackoffGrowsFourfold(t *testing.T) {
	t.Parallel()
	pair := cloudapi.Lookup(131056)
	for attempt, seconds := range []float64{1, 4, 16, 64, 256} {
		assert.InDelta(t, seconds, pair.Backoff(attempt).Seconds(), 0)
	}
	assert.Equal(t, time.Second, pair.Backoff(-3))
	assert.Equal(t, 24*time.Hour, pair.Backoff(math.MaxInt))
	assert.Equal(t, time.Minute, cloudapi.Lookup(131057).Backoff(7))
	assert.Equal(t, 72*time.Hour, cloudapi.Lookup(133016).Backoff(1))
	assert.Zero(t, cloudapi.Lookup(131026).Backoff(5))
}

func TestWordsOfTheTableHaveNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "app", cloudapi.ScopeApp.String())
	assert.Equal(t, "pair", cloudapi.ScopePair.String())
	assert.Equal(t, "unknown", cloudapi.Scope(99).String())
	assert.Equal(t, "unknown", cloudapi.Scope(-1).String())
	assert.Equal(t, "direct send", cloudapi.AffectsDirectSend.String())
	assert.Equal(t, "business-initiated", cloudapi.AffectsBusinessInitiated.String())
	assert.Equal(t, "unknown", cloudapi.Affects(99).String())
	assert.Equal(t, "blocked", cloudapi.ConsentBlocked.String())
	assert.Equal(t, "untouched", cloudapi.Consent(-1).String())
}
