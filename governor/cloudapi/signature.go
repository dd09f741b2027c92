package cloudapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// SignatureHeader is the header that carries a webhook's signature
// (webhooks/create-webhook-endpoint, 2025-11-07).
const SignatureHeader = "X-Hub-Signature-256"

// ErrSignature says that a webhook is not signed with the secret, from
// [Verify].
var ErrSignature = errors.New("cloudapi: signature does not match")

const signaturePrefix = "sha256="

// Sign returns the [SignatureHeader] of a body: HMAC-SHA256 of its raw bytes
// with the app secret, in hexadecimal, after "sha256=".
func Sign(secret string, body []byte) string {
	return signaturePrefix + hex.EncodeToString(digest(secret, body))
}

// Verify returns nil if header signs the body with the app secret, and
// [ErrSignature] otherwise. An empty secret verifies nothing. The body must be
// the raw bytes as they arrived: the platform escapes characters that another
// encoder would not. The comparison takes the same time wherever the
// signatures differ.
func Verify(secret, header string, body []byte) error {
	encoded, prefixed := strings.CutPrefix(header, signaturePrefix)
	claimed, err := hex.DecodeString(encoded)
	if secret == "" || !prefixed || err != nil || !hmac.Equal(claimed, digest(secret, body)) {
		return ErrSignature
	}
	return nil
}

func digest(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
