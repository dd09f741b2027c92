// Replicas is a backend that runs four times, each in a process of its own, with
// a customer list of its own. All share one messaging limit through a Redis
// server, which the program starts for itself where redis-server is installed,
// and send to a platform on this machine that counts for itself.
//
//	go run ./examples/replicas
//
// Where there is no redis-server, the four are governors in one process on a
// ledger in its memory. The program fails if the platform had to reject a single
// message, or if some of the limit was left unused.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governortest"
	"github.com/sendgov/sendgov/governor/memstore"
)

const (
	portfolio = "506914307656634"
	number    = "106540352242922"

	limit    = 250
	replicas = 4
	each     = 120 // customers on one replica's list
)

func main() {
	if job, ok := ownJob(); ok {
		if err := job.process(context.Background(), os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "replica %d: %v\n", job.replica, err)
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "replicas:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	platform, err := governortest.StartPlatform(governortest.PlatformConfig{
		Clock: governor.SystemClock(), Limit: limit, Throughput: 1000,
		Numbers: []governortest.PlatformNumber{{ID: number, Portfolio: portfolio}},
	})
	if err != nil {
		return err
	}
	defer platform.Close()

	var results []result
	if _, err := exec.LookPath("redis-server"); err == nil {
		addr, stop, err := startRedis(ctx)
		if err != nil {
			return err
		}
		defer stop()
		fmt.Fprintf(out, "%d processes share a limit of %d people through one Redis server; each has %d customers to write to.\n", replicas, limit, each)
		results, err = together(func(i int) (result, error) {
			return startReplica(ctx, job{replica: i, redis: addr, platform: platform.URL()})
		})
		if err != nil {
			return err
		}
	} else {
		fmt.Fprintln(out, "No redis-server here (Debian: apt-get install redis-server): four governors share a ledger in this process instead.")
		store := memstore.New()
		results, err = together(func(i int) (result, error) { return job{replica: i, platform: platform.URL()}.send(ctx, store) })
		if err != nil {
			return errors.Join(err, store.Close())
		}
		if err := store.Close(); err != nil {
			return err
		}
	}

	var all result
	for i, r := range results {
		fmt.Fprintf(out, "  replica %d: %d sent, %d refused\n", i, r.sent, r.refused)
		all.sent, all.refused = all.sent+r.sent, all.refused+r.refused
	}
	rejected := len(platform.Rejected())
	fmt.Fprintf(out, "%d admitted by %d replicas, %d refused; the platform counts %d people of %d and rejected %d messages.\n",
		all.sent, replicas, all.refused, platform.Unique(), limit, rejected)
	if all.sent != limit || platform.Unique() != limit || rejected > 0 || all.sent+all.refused != replicas*each {
		return errors.New("that is not what the limit allows")
	}
	return nil
}

// result is what became of one replica's customers.
type result struct{ sent, refused int }

// together runs all replicas at once.
func together(replica func(i int) (result, error)) ([]result, error) {
	results, errs := make([]result, replicas), make([]error, replicas)
	var all sync.WaitGroup
	for i := range replicas {
		all.Go(func() { results[i], errs[i] = replica(i) })
	}
	all.Wait()
	return results, errors.Join(errs...)
}

// startReplica runs this very program again, as a replica, until it has ended.
func startReplica(ctx context.Context, j job) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), j.environment()...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	said, err := cmd.Output()
	if err != nil {
		return result{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(problems.String()))
	}
	var r result
	if _, err := fmt.Sscan(string(said), &r.sent, &r.refused); err != nil {
		return result{}, fmt.Errorf("a replica said %q: %w", said, err)
	}
	return r, nil
}

// startRedis runs a server that keeps nothing on disk, until stop is called, and
// returns its address when it takes connections. Whoever else asks for a free port
// may get the same one first, so it tries several.
func startRedis(ctx context.Context) (addr string, stop func(), err error) {
	for range 5 {
		if addr, stop, err = tryRedis(ctx); err == nil {
			break
		}
	}
	return addr, stop, err
}

func tryRedis(ctx context.Context) (addr string, stop func(), err error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, "redis-server", "--port", strconv.Itoa(port), "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "", "--dir", os.TempDir())
	said, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, said) }() // ends with the server
			stop := func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
			return "127.0.0.1:" + strconv.Itoa(port), stop, nil
		}
	}
	return "", nil, errors.Join(errors.New("redis-server did not start"), cmd.Wait())
}
