package redisstore

import "strings"

// parts are the keys of an account, in the order in which the script names them.
var parts = [...]string{
	":slots", ":sends", ":people", ":bookings", ":messages", ":notes", ":aliases", ":account", ":tallies",
}

// escape keeps an account's ID from ending the hash tag around it. An empty tag
// is none, so the empty ID has a name of its own.
var escape = strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D")

// keysOf names the keys of an account. What stands in braces decides where a
// Redis Cluster keeps them: all in one place.
func keysOf(prefix, account string) []string {
	tag := escape.Replace(account)
	if tag == "" {
		tag = "%"
	}
	keys := make([]string, len(parts))
	for i, part := range parts {
		keys[i] = prefix + "{" + tag + "}" + part
	}
	return keys
}
