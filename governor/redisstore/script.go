package redisstore

import (
	_ "embed"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The script, an idea a file. It holds no values: there is one script for all
// accounts and settings, which the server compiles once.
var (
	//go:embed lua/head.lua
	luaHead string
	//go:embed lua/clock.lua
	luaClock string
	//go:embed lua/slots.lua
	luaSlots string
	//go:embed lua/rates.lua
	luaRates string
	//go:embed lua/people.lua
	luaPeople string
	//go:embed lua/names.lua
	luaNames string
	//go:embed lua/fence.lua
	luaFence string
	//go:embed lua/sweep.lua
	luaSweep string
	//go:embed lua/admit.lua
	luaAdmit string
	//go:embed lua/settle.lua
	luaSettle string
	//go:embed lua/hear.lua
	luaHear string
	//go:embed lua/report.lua
	luaReport string
	//go:embed lua/main.lua
	luaMain string
)

// script is what the server runs. Comments and indentation stay here: they
// would be kept by every server, and sent to it once.
var script = redis.NewScript(compact(
	luaHead, luaClock, luaSlots, luaRates, luaPeople, luaNames, luaFence, luaSweep, luaAdmit, luaSettle, luaHear, luaReport, luaMain,
))

// compact drops lines that hold nothing but a comment, and indentation.
func compact(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		for line := range strings.Lines(part) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "--") {
				continue
			}
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
