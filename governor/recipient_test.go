package governor_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor"
)

const (
	bsuid  = "US.13491208655302741918"
	parent = "US.ENT.11815799212886844830"
	group  = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD"
)

func TestEverySpellingOfARecipientHasOneKey(t *testing.T) {
	t.Parallel()
	for want, spellings := range map[string][]string{
		"16505551234": {
			"16505551234", "+16505551234", "0016505551234", "+0016505551234",
			"+1 650 555 1234", "+1 (650) 555-1234", "(+1) 650-555-1234", "+1.650.555.1234", "1/650/555/1234",
			"+1,650,555,1234", "16,505,551,234", "  16505551234\r\n", "\t+1 650\u00a0555\u202f1234 ",
			"+1‑650–555—1234", "+1−650‐555‒1234", "+1\u00ad650\u00ad5551234", "(1)(650)(5551234)", "1)650(5551234",
			"whatsapp:+16505551234", "WhatsApp: +1 650 555 1234", "tel:+1-650-555-1234", "TEL:16505551234", "tel://+16505551234",
			"\u202a+16505551234\u202c", "\u200e+1 650 555 1234\u200f", "\u2066+16505551234\u2069", "\u061c16505551234", "\ufeff16505551234", "1650\u200b555\u20601234",
			"＋１６５０５５５１２３４", "＋１（６５０）５５５－１２３４", "+١٦٥٠٥٥٥١٢٣٤", "۱۶۵۰۵۵۵۱۲۳۴", "१६५०५५५१२३४", "১৬৫০৫৫৫১২৩৪", "๑๖๕๐๕๕๕๑๒๓๔", "௧௬௫௦௫௫௫௧௨௩௪", "၁၆၅၀၅၅၅၁၂၃၄",
		},
		"442079460958": {
			"+44 (0)20 7946 0958", "+44(0)2079460958", "+44 ( 0 ) 20 7946 0958", "(+44) (0)20 7946 0958", "0044 (0)20 7946 0958",
			"＋44（0）20 7946 0958", "+٤٤ (٠)٢٠ ٧٩٤٦ ٠٩٥٨", "tel:+44-(0)20-7946-0958", "442079460958",
		},
		"3531234567":   {"+353 (0)1 234567", "+353 (0) 1 234-567"},
		"390612345678": {"+39 (0)6 12345678", "0039 (0)6 12345678", "+39 06 12345678"}, // of the number, in Italy
		"378054988000": {"+378 (0)549 88000", "00378 (0)549 88000"},
		"22507123456":  {"+225 (0)7 123456"},
		// Not after a whole country code, the zero is a digit like others.
		"16505551239":   {"+1 65(0) 555-1239", "+165(0)5551239", "+1 65 (0)5551239"},
		"4402079460958": {"44 (0)20 7946 0958", "+44 (02)07946 0958", "+44 0(2)07946 0958"},
		"4420079460958": {"+44 20 (0)79460958", "+4420(0)79460958"},
		"1234567":       {"1234567", "+123-4567"},
		"123456789012345": {
			"123456789012345", "+123 456 789 012 345",
		},
		bsuid:             {bsuid, " " + bsuid + "\n", "\u200e" + bsuid},
		parent:            {parent},
		"DE.abcXYZ09":     {"DE.abcXYZ09"},
		group:             {group, "\u2068" + group + "\u2069", "group:" + group},
		"group:120363404": {"group:120363404"},
		"group:16505551234@g.us": {
			"group:16505551234@g.us",
		},
		"HBgLMTY1MDM4Nzk0MzVVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA": {"HBgLMTY1MDM4Nzk0MzVVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA"},
		"Y2FwaV9ncm91cDox_-+/==":                                  {"Y2FwaV9ncm91cDox_-+/=="},
	} {
		for _, to := range spellings {
			t.Run(want+" of "+fmt.Sprintf("%q", to), func(t *testing.T) {
				t.Parallel()
				got, err := governor.CanonicalRecipient(to)
				require.NoError(t, err)
				assert.Equal(t, want, got)
			})
		}
	}
}

func TestAMalformedRecipientIsRefusedByItsShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ to, fault string }{
		{"", "is empty"},
		{" \u200e\u00a0\t", "is empty"},
		{"\xff16505551234", "is not valid UTF-8"},
		{"1650555\xc31234", "is not valid UTF-8"},
		{"0", "has 1 digits, want 7 to 15"},
		{"123456", "has 6 digits, want 7 to 15"},
		{"1234567890123456", "has 16 digits, want 7 to 15"},
		{strings.Repeat("9", 5000), "has 5000 digits, want 7 to 15"},
		{"+", "has 0 digits, want 7 to 15"},
		{"()", "has 0 digits, want 7 to 15"},
		{"00", "has 0 digits, want 7 to 15"},
		{"00123456", "has 6 digits, want 7 to 15"},
		{"0612345678", "begins with 0, want a country code"},
		{"(0)20 7946 0958", "begins with 0, want a country code"},
		{"+0612345678", "begins with 0, want a country code"},
		{"000612345678", "begins with 0, want a country code"},
		{"000016505551234", "begins with 0, want a country code"},
		{"++16505551234", "has a character that no phone number has, after 0 digits"},
		{"1+6505551234", "has a character that no phone number has, after 1 digits"},
		{"16505551234+", "has a character that no phone number has, after 11 digits"},
		{"1-800-FLOWERS", "has a character that no phone number has, after 4 digits"},
		{"+1 650 555 1234 ext. 5", "has a character that no phone number has, after 11 digits"},
		{"1650555¹²³⁴", "has a character that no phone number has, after 7 digits"},
		{"1650555𝟏𝟐𝟑𝟒", "has a character that no phone number has, after 7 digits"},
		{"16505551234\x00", "has a character that no phone number has, after 11 digits"},
		{"null", "has a character that no phone number has, after 0 digits"},
		{"whatsapp:", "has a character that no phone number has, after 0 digits"},
		{"tel:", "has a character that no phone number has, after 0 digits"},
		{"whatsapp:whatsapp:+16505551234", "has a character that no phone number has, after 0 digits"},
		{"whatsapp:" + bsuid, "has a character that no phone number has, after 0 digits"},
		{"US.", "has a character that no phone number has, after 0 digits"},
		{"US.ENT.", "has a character that no phone number has, after 0 digits"},
		{"us.ENT.1181", "has a character that no phone number has, after 0 digits"},
		{"US.1349-1208", "has a character that no phone number has, after 0 digits"},
		{"US." + strings.Repeat("1", 129), "has a character that no phone number has, after 0 digits"},
		// What is long and has letters is no group ID for that.
		{"1.6505551234E+10", "has a character that no phone number has, after 11 digits"},
		{"16505551234x12345", "has a character that no phone number has, after 11 digits"},
		{"1-650-555-1234x12", "has a character that no phone number has, after 11 digits"},
		{"wa.me/16505551234", "has a character that no phone number has, after 0 digits"},
		{"16505551234@s.whatsapp.net", "has a character that no phone number has, after 11 digits"},
		{"somebody2@example.com", "has a character that no phone number has, after 0 digits"},
		{"customer_16505551234_mobile", "has a character that no phone number has, after 0 digits"},
		{"MaximilianMustermann", "has a character that no phone number has, after 0 digits"},
		{"group:", "is a group ID of 0 characters, want 1 to 256"},
		{"group:" + strings.Repeat("a", 257), "is a group ID of 257 characters, want 1 to 256"},
		{"group:a b", "is a group ID with a character other than letters, digits and +/=_-:.@"},
		{"group:größe", "is a group ID with a character other than letters, digits and +/=_-:.@"},
	} {
		t.Run(fmt.Sprintf("%.40q", c.to), func(t *testing.T) {
			t.Parallel()
			got, err := governor.CanonicalRecipient(c.to)
			assert.Empty(t, got)
			require.ErrorIs(t, err, governor.ErrInvalid)
			assert.EqualError(t, err, "governor: To "+c.fault)
		})
	}
}

// separators are what formatting may put before, between and after the digits
// of a phone number, if not in the order "(0)".
var separators = []string{" ", "-", ".", "/", ",", "\u00a0", "\u200e", "\u202a", "\u2060", "–", "(", ")", "\t", "　"}

// randomDigits is a phone number that does not begin with 0.
func randomDigits(r *rand.Rand) string {
	digits := []byte{'1' + byte(r.IntN(9))}
	for range 6 + r.IntN(9) {
		digits = append(digits, '0'+byte(r.IntN(10)))
	}
	return string(digits)
}

func formatted(r *rand.Rand, digits string) string {
	zeros := []rune{'0', '٠', '۰', '०', '০', '０', '๐'}
	var b strings.Builder
	b.WriteString([]string{"", "+", "00", "whatsapp:+", "tel:", "＋", " + ", "(+"}[r.IntN(8)])
	zero := zeros[r.IntN(len(zeros))]
	for i, d := range digits {
		if r.IntN(3) == 0 && (d != '0' || i == 0) {
			b.WriteString(separators[r.IntN(len(separators))])
		}
		b.WriteRune(zero + d - '0')
	}
	b.WriteString([]string{"", " ", "\n", "\u202c"}[r.IntN(4)])
	return b.String()
}

func TestFormattingNeverMergesTwoNumbersNorSplitsOne(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 20_000 {
		digits := randomDigits(r)
		to := formatted(r, digits)
		key, err := governor.CanonicalRecipient(to)
		require.NoErrorf(t, err, "seed %d: %+q", seed, to)
		require.Equalf(t, digits, key, "seed %d: %+q", seed, to)
	}
}

func TestATrunkZeroIsDroppedOnlyAfterAWholeCountryCode(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	kept := map[string]bool{"39": true, "378": true, "379": true, "225": true, "226": true, "229": true, "241": true, "242": true}
	for code := 1; code < 1000; code++ {
		head, rest := fmt.Sprint(code), randomDigits(r)[:7]
		with, err := governor.CanonicalRecipient("+" + head + " (0)" + rest)
		require.NoErrorf(t, err, "seed %d: code %d", seed, code)
		switch with {
		case head + rest:
			assert.Falsef(t, kept[head], "code %d", code)
			for shorter := 1; shorter < len(head); shorter++ {
				again, err := governor.CanonicalRecipient("+" + head[:shorter] + " (0)" + rest)
				require.NoError(t, err)
				assert.Equalf(t, head[:shorter]+"0"+rest, again, "%s begins with %s: only one can be a country code", head, head[:shorter])
			}
		case head + "0" + rest:
		default:
			assert.Failf(t, "another number", "code %d, seed %d", code, seed)
		}
	}
}

func TestACanonicalRecipientCostsNoAllocation(t *testing.T) {
	for _, to := range []string{"16505551234", bsuid, group} {
		assert.Zerof(t, testing.AllocsPerRun(100, func() { _, _ = governor.CanonicalRecipient(to) }), "%d characters", len(to))
	}
}

var manyDigits = regexp.MustCompile(`\p{Nd}{7,}`)

func FuzzCanonicalRecipient(f *testing.F) {
	for _, to := range []string{
		"", "16505551234", "+1 (650) 555-1234", "+44 (0)20 7946 0958", "0044(0)207946", "+39 (0)6 12345678", bsuid, parent, group,
		"group:" + group, "group:16505551234", "whatsapp:+16505551234", "tel:+1-650", "00006505551234", "+١٦٥٠٥٥٥١٢٣٤", "(0)(0)0", "\xff",
		"16505551234x12345", "1234567890123456789", "\u200e+1650\u202c555", "+(0)1(0)6505551234",
	} {
		f.Add(to)
	}
	f.Fuzz(func(t *testing.T, to string) {
		key, err := governor.CanonicalRecipient(to)
		if err != nil {
			require.ErrorIs(t, err, governor.ErrInvalid)
			require.Empty(t, key)
			require.Falsef(t, manyDigits.MatchString(err.Error()), "%v", err)
			return
		}
		again, err := governor.CanonicalRecipient(key)
		require.NoError(t, err)
		require.Equal(t, key, again)
		if strings.Trim(key, "0123456789") == "" {
			require.Regexp(t, `^[1-9][0-9]{6,14}$`, key)
		}
	})
}
