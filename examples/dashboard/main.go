// Dashboard serves the status page of five businesses, each before a platform on
// this machine, while a day passes in a minute: one is healthy, one was flagged
// and recovers, one is restricted for ten hours, one fills its limit, and one
// without a limit sees its rating fall.
//
//	go run ./examples/dashboard          # prints an address to open, ends after a minute
//	go run ./examples/dashboard -for 0   # goes on until interrupted
//
// The days pass on a fake clock. The program fails if the platform had to reject
// a single message.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

const (
	// tick is how often something happens, pace how much time passes each time:
	// a day in a minute.
	tick = 100 * time.Millisecond
	pace = 144 * time.Second

	path = "/debug/sendgov/"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to serve the page; :0 finds a free port")
	lasts := flag.Duration("for", time.Minute, "how long to go on; 0 is until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *addr, *lasts)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

// run serves the page on addr and lets time pass until it has lasted so long, or
// ctx ends.
func run(ctx context.Context, out io.Writer, addr string, lasts time.Duration) error {
	say := log.New(out, "", 0)
	city, err := newCity(ctx, say)
	if err != nil {
		return err
	}
	defer city.close()
	if err := city.past(ctx); err != nil {
		return err
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: city.handler(), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	say.Printf("Open http://%s%s", listener.Addr(), path)
	if lasts > 0 {
		say.Printf("A day passes in a minute. This ends by itself in %v; with -for 0 it goes on.\n", lasts)
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, lasts)
		defer stop()
	} else {
		say.Println("A day passes in a minute. This goes on until it is interrupted.")
	}

	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	err = city.live(ctx, ticker.C)
	err = errors.Join(err, server.Close())
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, city.sum(context.WithoutCancel(ctx)))
}
