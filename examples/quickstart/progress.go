package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// progress is who of the list has been sent to, and when that was last: a line
// each in a file beside the ledger. The ledger says who may be sent to; what is
// still to be done is the program's own to remember.
type progress struct {
	file *os.File
	sent map[string]bool
	last time.Time // zero: nothing has been sent yet
}

func openProgress(path string) (*progress, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	p := &progress{sent: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		at, phone, _ := strings.Cut(strings.TrimSpace(line), " ")
		// A process that was killed may have left half a line.
		if t, err := time.Parse(time.RFC3339Nano, at); err == nil && strings.HasSuffix(line, "\n") {
			p.last = t
			if phone != "" {
				p.sent[phone] = true
			}
		}
	}
	p.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return p, err
}

// note takes down that it is at, and who has been sent to by then, if anybody.
func (p *progress) note(at time.Time, phone string) error {
	p.sent[phone] = phone != ""
	_, err := fmt.Fprintf(p.file, "%s %s\n", at.UTC().Format(time.RFC3339Nano), phone)
	return err
}

// startOver forgets everybody, but not what time it is.
func (p *progress) startOver() error {
	p.sent = map[string]bool{}
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	return p.note(p.last, "")
}

// left are those of the list who have not been sent to.
func (p *progress) left(phones []string) []string {
	var left []string
	for _, phone := range phones {
		if !p.sent[phone] {
			left = append(left, phone)
		}
	}
	return left
}
