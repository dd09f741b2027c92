package redisstore

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) { os.WriteFile("/tmp/core.lua", []byte(assemble()), 0o644) }
