package tier

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// UnmarshalText sets t to what [Parse] reads. On an error t becomes [Unknown]: a limit that was just contradicted must
// not live on.
func (t *Tier) UnmarshalText(text []byte) error {
	limit, err := Parse(string(text))
	*t = limit
	return err
}

// UnmarshalJSON sets t to the limit in a JSON integer or string, read as [Parse] reads it; null is [Unknown]. The
// platform prints the same field both ways (webhooks/reference/business_capability_update, 2025-11-14). Fractions,
// exponents, booleans, arrays and objects are [ErrUnknown]. On an error t becomes Unknown.
//
// An error ends the decoding of the whole document around t. Where an unknown word must not cost the rest of a
// webhook, decode the field as [json.RawMessage] and hand that to UnmarshalJSON.
func (t *Tier) UnmarshalJSON(data []byte) error {
	*t = Unknown
	var text *string
	if err := json.Unmarshal(data, &text); err == nil {
		if text == nil {
			return nil
		}
		return t.UnmarshalText([]byte(*text))
	}
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return unknown(string(data))
	}
	return t.UnmarshalText([]byte(number))
}

// MarshalText returns the word that [Parse] reads back as t: the platform's own word where it has one (TIER_2K,
// TIER_UNLIMITED, TIER_NOT_SET for [Unknown]), else the bare number. A value out of range is [ErrRange].
//
// JSON uses it too, so a Tier is written as a string and may be the key of an object.
func (t Tier) MarshalText() ([]byte, error) {
	switch t {
	case Unknown:
		return []byte("TIER_NOT_SET"), nil
	case Tier50, Tier250, Tier1K, Tier2K, Tier10K, Tier100K:
		return []byte("TIER_" + t.String()), nil
	case Unlimited:
		return []byte("TIER_UNLIMITED"), nil
	}
	if !t.Known() {
		return nil, fmt.Errorf("%w: want %d to %d", ErrRange, int(Unknown), int(Unlimited))
	}
	return strconv.AppendInt(nil, int64(t), 10), nil
}
