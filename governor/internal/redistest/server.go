package redistest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"

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

	dir     string
	options []string
	process *exec.Cmd
}

// Start runs a server on a free port until Stop or Kill. Options are added to
// its command line; by default nothing is written to disk.
func Start(dir string, options ...string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{Port: port, dir: dir, options: options}
	return s, s.Run()
}

// Addr is where the server listens.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// Client connects to the server, as a store wants to be connected.
func (s *Server) Client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.Addr(), ContextTimeoutEnabled: true})
}

// Run starts the server, again if it has ended, on the same port and directory.
// It returns when the server takes connections.
func (s *Server) Run() error {
	args := append([]string{
		"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no",
		"--daemonize", "no", "--logfile", "", "--loglevel", "notice",
	}, s.options...)
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
	return errors.Join(fmt.Errorf("redis-server ended: %s", strings.Join(said, "\n")), s.process.Wait())
}

// Kill ends the process as a power cut would, by signal 9.
func (s *Server) Kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// PID is the process's, for tests that stop it for a while.
func (s *Server) PID() int { return s.process.Process.Pid }

func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address")
	}
	return addr.Port, nil
}
