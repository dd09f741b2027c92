package redis_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// trouble is what a proxy does to those who come through it.
type trouble int32

const (
	none    trouble = iota
	slow            // every answer takes some milliseconds
	deaf            // answers are lost: what was asked is done all the same
	silent          // a black hole: nothing passes, nothing is refused
	refuses         // connections are cut at once
	troubles
)

// proxy stands between a client and a server.
type proxy struct {
	addr   string
	target atomic.Pointer[string]
	mode   atomic.Int32

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{addr: l.Addr().String(), conns: map[net.Conn]struct{}{}}
	p.target.Store(&target)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		p.cut()
		all.Wait()
	})
	return p
}

// set begins a trouble. The connections that there are break, but where silence
// is to fall on them.
func (p *proxy) set(mode trouble) {
	p.mode.Store(int32(mode))
	if mode != silent && mode != slow {
		p.cut()
	}
}

// switchTo sends those who come from now on to another server.
func (p *proxy) switchTo(target string) {
	p.target.Store(&target)
	p.cut()
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *proxy) hold(conn net.Conn) (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[conn] = struct{}{}
	return func() {
		_ = conn.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, conn)
	}
}

func (p *proxy) serve(client net.Conn) {
	defer p.hold(client)()
	if trouble(p.mode.Load()) == refuses {
		return
	}
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", *p.target.Load())
	if err != nil {
		return
	}
	defer p.hold(server)()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client, false) })
	both.Go(func() { p.copy(client, server, true) })
	both.Wait()
}

// copy passes on what one side says, as the mode has it, until either ends.
func (p *proxy) copy(to, from net.Conn, answers bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		switch mode := trouble(p.mode.Load()); {
		case mode == silent:
			continue
		case mode == deaf && answers:
			return
		case mode == slow && answers:
			timer := time.NewTimer(3 * time.Millisecond)
			<-timer.C
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
