package boltstore_test

import (
	"fmt"
	"os"
	"testing"
)

// child names what this binary is to do when a test runs it as a process of its
// own, and with which file.
const child = "BOLTSTORE_CHILD"

// children are the things that it can do.
var children = map[string]func(path string) error{"crash": crashChild, "full": fullChild}

func TestMain(m *testing.M) {
	if role := os.Getenv(child); role != "" {
		if err := children[role](os.Getenv(child + "_FILE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
