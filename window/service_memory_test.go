package window_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/sendgov/sendgov/window"
)

// Of one in ten more is known than the last message. Just after tables have
// grown, and just before, their room is used least and best.
func TestMemoryPerCustomer(t *testing.T) {
	size := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	names := phones(60_000)
	for n := 20_000; n <= len(names); n += 10_000 {
		var s window.Service
		before := size()
		for i, name := range names[:n] {
			s.Open("1", name, t0, t0)
			if i%10 == 0 {
				s.Close("1", name, t0, t0)
			}
		}
		assert.Less(t, (size()-before)/float64(n), 40.0, "%d customers", n)
		runtime.KeepAlive(&s)
	}
}
