package cloudapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestSignaturesAgreeWithTheVectors(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			Secret string `json:"app_secret"`
			Body   string `json:"raw_body"`
			Header string `json:"x_hub_signature_256"`
		} `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(payload(t, "wh_signature_vectors"), &file))
	require.Len(t, file.Vectors, 3)
	for _, vector := range file.Vectors {
		assert.Equal(t, vector.Header, cloudapi.Sign(vector.Secret, []byte(vector.Body)))
		assert.NoError(t, cloudapi.Verify(vector.Secret, vector.Header, []byte(vector.Body)))
		assert.ErrorIs(t, cloudapi.Verify(vector.Secret, vector.Header, []byte(vector.Body+" ")), cloudapi.ErrSignature)
		assert.ErrorIs(t, cloudapi.Verify("other", vector.Header, []byte(vector.Body)), cloudapi.ErrSignature)
	}
}

func TestNothingButTheWholeSignatureVerifies(t *testing.T) {
	t.Parallel()
	body := []byte(`{"entry":[]}`)
	header := cloudapi.Sign("secret", body)
	hexPart := strings.TrimPrefix(header, "sha256=")
	require.NoError(t, cloudapi.Verify("secret", "sha256="+strings.ToUpper(hexPart), body))
	for _, wrong := range []string{
		"", "sha256=", hexPart, "sha1=" + hexPart, header + "00", header[:len(header)-2], header[:len(header)-1],
		"sha256=" + strings.Repeat("zz", 32), " " + header, "SHA256=" + hexPart,
	} {
		require.ErrorIs(t, cloudapi.Verify("secret", wrong, body), cloudapi.ErrSignature, wrong)
	}
	require.ErrorIs(t, cloudapi.Verify("", cloudapi.Sign("", body), body), cloudapi.ErrSignature)
}

func FuzzVerify(f *testing.F) {
	f.Add("secret", "sha256=00", []byte("{}"))
	f.Fuzz(func(t *testing.T, secret, header string, body []byte) {
		signed := cloudapi.Sign(secret, body)
		require.Equal(t, secret != "", cloudapi.Verify(secret, signed, body) == nil)
		if !strings.EqualFold(header, signed) {
			require.ErrorIs(t, cloudapi.Verify(secret, header, body), cloudapi.ErrSignature)
		}
	})
}
