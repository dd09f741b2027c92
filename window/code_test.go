package window

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOnlyPhoneNumbersAreTheirOwnCode(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"1", "7", "12345678", "99999999", "123456789", "155500000001", "999999999999999", "100000000000000", "1000000000",
	} {
		who, ok := phone(name)
		assert.True(t, ok, name)
		assert.Equal(t, name, strconv.FormatUint(uint64(who), 10))
		assert.Less(t, who, firstName)
	}
	for _, name := range []string{"", "0", "007", "1234567890123456", "+1555", "1234567a", "a2345678", "1234567:", "123456789012/", "12 45678", "１２３"} {
		_, ok := phone(name)
		assert.False(t, ok, name)
	}
	for i := range 256 { // any byte at any place
		for at := range 12 {
			name := []byte("123456789123")
			name[at] = byte(i)
			_, ok := phone(string(name))
			assert.Equal(t, i >= '0' && i <= '9' && (at > 0 || i > '0'), ok, "%q", name)
		}
	}
}
