package redistest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Install says how to get what the tests need.
const Install = "redis-server is missing: install it (Debian: apt-get install redis-server)"

// Found reports whether there is a redis-server to run. Where SENDGOV_CI is set
// one must be there, and Found says so even if it is not, so that tests fail.
func Found() bool {
	_, err := exec.LookPath("redis-server")
	return err == nil || os.Getenv("SENDGOV_CI") != ""
}

// A Server is one redis-server process.
type Server struct {
	Port int

	bus     int // the port on which it talks to the other nodes of a cluster; zero: it is of none
	dir     string
	options []string
	process *exec.Cmd
}

// Start runs a server on a free port until Stop or Kill. Options are added to
// its command line; by default nothing is written to disk.
func Start(dir string, options ...string) (*Server, error) { return start(dir, false, options) }

// start tries ports until the server gets those that it is told.
func start(dir string, clustered bool, options []string) (*Server, error) {
	for {
		s := &Server{Port: somePort(), dir: dir, options: options}
		if clustered {
			s.bus = somePort()
		}
		if err := s.Run(); err == nil || !errors.Is(err, errTaken) {
			return s, err
		}
	}
}

// errTaken is why a server ends whose port somebody else has.
var errTaken = errors.New("its port is taken")

// somePort is one that may be free, and that stays so while its server is down:
// it is not one of those that systems give to whoever asks for any, or connects.
func somePort() int { return 16384 + rand.IntN(16384) }

// Addr is where the server listens.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// patience is how long a client waits for an answer. Nothing that a test does to
// a server ends with it: what is slow is the machine.
const patience = time.Minute

// Client connects to the server, as a store wants to be connected.
func (s *Server) Client() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: s.Addr(), ContextTimeoutEnabled: true, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience,
	})
}

// Run starts the server, again if it has ended, on the same port and directory.
// It returns when the server takes connections.
func (s *Server) Run() error {
	args := append([]string{
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no",
		"--daemonize", "no", "--logfile", "", "--loglevel", "notice",
	}, s.options...)
	if s.bus != 0 {
		args = append(args, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(s.bus))
	}
	s.process = exec.CommandContext(context.Background(), "redis-server", args...)
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("%s: %w", Install, err)
	}
	lines := bufio.NewScanner(out)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			go func() { // a full pipe would hold the server up; ends with the process
				for lines.Scan() {
				}
			}()
			return nil
		}
	}
	ended := fmt.Errorf("redis-server ended: %s", strings.Join(said, "\n"))
	if strings.Contains(ended.Error(), "Address already in use") {
		ended = errors.Join(errTaken, ended)
	}
	return errors.Join(ended, s.process.Wait())
}

// Kill ends the process as a power cut would, by signal 9.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// PID is the process's, for tests that stop it for a while.
func (s *Server) PID() int { return s.process.Process.Pid }
