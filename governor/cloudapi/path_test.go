package cloudapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/sendgov/sendgov/governor/cloudapi"
)

func TestASendIsKnownByItsPath(t *testing.T) {
	t.Parallel()
	const number = "106540352242922"
	for path, want := range map[string]cloudapi.Endpoint{
		"/v25.0/" + number + "/messages":                cloudapi.Messages,
		"/" + number + "/messages":                      cloudapi.Messages,
		"/v25/" + number + "/messages":                  cloudapi.Messages,
		"/v25.0/" + number + "/messages/":               cloudapi.Messages,
		"/v25.0/" + number + "/marketing_messages":      cloudapi.MarketingMessages,
		"/" + number + "/marketing_messages/":           cloudapi.MarketingMessages,
		"//v25.0//" + number + "//messages//":           cloudapi.Messages,
		"/V25.0/" + number + "/Messages":                cloudapi.Messages,
		"/v25.0/" + number + "/%6dessages":              cloudapi.Messages,
		"/v25.0/%31" + number[1:] + "/messages":         cloudapi.Messages,
		"/v25.0%2F" + number + "%2Fmessages":            cloudapi.Messages,
		"/v25.0/" + number + "/./messages":              cloudapi.Messages,
		"/v25.0/" + number + "/media/../messages":       cloudapi.Messages,
		"/gateway/meta/v25.0/" + number + "/messages":   cloudapi.Messages,
		"v25.0/" + number + "/messages":                 cloudapi.Messages,
		"/v25.0/" + number + "/%4d%41RKETING_messages/": cloudapi.MarketingMessages,
	} {
		got, endpoint, ok := cloudapi.ParsePath(path)
		assert.True(t, ok, path)
		assert.Equal(t, want, endpoint, path)
		assert.Equal(t, number, got, path)
	}
}

func TestOtherPathsAreNoSends(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "/", "/messages", "/v1/messages", "/v1/chat/messages", "/v1/threads/thread_abc/messages",
		"/2010-04-01/Accounts/AC0123456789/Messages.json", "/whatsapp/1/message/template", "/wa/api/v1/template/msg",
		"/api/v10/channels/123456789012345678/messages", "/conversations/42/messages", "/api/v1/42/messages", "/v25.0/me/messages",
		"/v25.0/106540352242922", "/v25.0/106540352242922/media", "/v25.0/106540352242922/calls",
		"/v25.0/106540352242922/messages_insights", "/v25.0/106540352242922/messages/1", "/v25.0/106540352242922/message_templates",
		"/v25.0/106540352242922/block_users", "/v25.0/1065a/messages", "/v25.0//messages", "/25.0/106540352242922/messages",
		"/v/106540352242922/messages", "/v25./106540352242922/messages", "/v25.0.1/106540352242922/messages",
		"/v25.0/١٢٣/messages", "/v25.0/106540352242922/messages.json", "/v25.0/106540352242922/%zzmessages", "/v25.0/-1/messages",
	} {
		number, endpoint, ok := cloudapi.ParsePath(path)
		assert.False(t, ok, path)
		assert.Empty(t, number, path)
		assert.Zero(t, endpoint, path)
	}
}

func TestBehindAGatewayAnythingMayStandBeforeTheNumber(t *testing.T) {
	t.Parallel()
	const number = "106540352242922"
	for _, path := range []string{
		"/whatsapp/" + number + "/messages", "/whatsapp/v25/" + number + "/messages/", "/a%2Fb/" + number + "%2Fmessages",
		"/v25.0/" + number + "/messages", number + "/messages",
	} {
		got, endpoint, ok := cloudapi.ParsePathSuffix(path)
		assert.True(t, ok, path)
		assert.Equal(t, cloudapi.Messages, endpoint, path)
		assert.Equal(t, number, got, path)
	}
	for _, path := range []string{"/whatsapp/messages", "/whatsapp/" + number + "/media", "/" + number + "/messages/1", "/%zz/1/messages%"} {
		_, _, ok := cloudapi.ParsePathSuffix(path)
		assert.False(t, ok, path)
	}
}

func TestEndpointsHaveNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "messages", cloudapi.Messages.String())
	assert.Equal(t, "marketing_messages", cloudapi.MarketingMessages.String())
	assert.Equal(t, "unknown", cloudapi.Endpoint(0).String())
}

func FuzzParsePath(f *testing.F) {
	f.Add("/v25.0/106540352242922/messages")
	f.Add("/v25.0/106540352242922/%6dessages/")
	f.Add("/2010-04-01/Accounts/AC0/Messages.json")
	f.Add("%2F%2e%2E/1/messages")
	f.Fuzz(func(t *testing.T, path string) {
		number, endpoint, ok := cloudapi.ParsePath(path)
		if ok {
			behind, same, ok := cloudapi.ParsePathSuffix(path)
			require.True(t, ok)
			require.Equal(t, number, behind)
			require.Equal(t, endpoint, same)
		}
		require.Equal(t, ok, endpoint != 0)
		require.Equal(t, ok, number != "")
		require.Empty(t, strings.Trim(number, "0123456789"))
		if ok {
			again, sameEndpoint, ok := cloudapi.ParsePath("/v25.0/" + number + "/" + endpoint.String())
			require.True(t, ok)
			require.Equal(t, number, again)
			require.Equal(t, endpoint, sameEndpoint)
		}
	})
}
