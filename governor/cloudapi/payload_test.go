package cloudapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// payload returns the body kept under that name in testdata/payloads: values
// as the platform's pages print them, or documented fields put together.
func payload(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "payloads", name+".json"))
	require.NoError(t, err)
	return body
}

// payloads returns the names of all payloads that begin with prefix.
func payloads(t testing.TB, prefix string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "payloads", prefix+"*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var names []string
	for _, path := range paths {
		name := filepath.Base(path)
		names = append(names, name[:len(name)-len(".json")])
	}
	return names
}

// phoneLike matches what might be a phone number in a text.
var phoneLike = regexp.MustCompile(`\d(?:[ \-.()/]*\d){6,}`)
