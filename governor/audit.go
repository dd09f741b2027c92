package governor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"
)

// An AuditRecord is one decision as [AuditTo] writes it and [ReadAudit] reads
// it. It holds no recipient.
type AuditRecord struct {
	// At is when it was decided, by the governor's clock.
	At time.Time `json:"at"`
	// Account and Number are whom it was for, Kind what sort of message.
	Account string `json:"account,omitempty"`
	Number  string `json:"number,omitempty"`
	Kind    string `json:"kind,omitempty"`
	// Allowed, Counted, Used and Limit are as in [Decision].
	Allowed bool `json:"allowed"`
	Counted bool `json:"counted,omitempty"`
	Used    int  `json:"used"`
	Limit   int  `json:"limit"`
	// Reason, Scope and Health are the words of the decision's, which may be of
	// a later version than this program.
	Reason string `json:"reason"`
	Scope  string `json:"scope,omitempty"`
	Health string `json:"health,omitempty"`
	// Detail is the platform's word, or the share that is used up. Often empty.
	Detail string `json:"detail,omitempty"`
	// RetryAt is when it would have passed. Zero: no time was known.
	RetryAt time.Time `json:"retry_at,omitzero"`
}

// AuditTo returns an observer that appends a line of JSON to w for each decision
// that it is told of: refusals, and with Config.ObserveAllowed what passes too.
// Each is one Write, so that a file opened to append can be shared. An error of
// w is told to failed, if that is not nil, and the next decision is tried anew; a
// nil w gives a nil observer.
//
// When to start a new file is w's affair: hand in a writer that rotates, or let
// logrotate move the file away with its option copytruncate.
func AuditTo(w io.Writer, failed func(error)) func(Notice) {
	if isNil(w) {
		return nil
	}
	var mu sync.Mutex // several governors may write to one file
	return func(n Notice) {
		if n.Kind != NoticeDenied && n.Kind != NoticeAllowed {
			return
		}
		line, err := json.Marshal(n.Decision.audit(n.At))
		if err == nil {
			mu.Lock()
			_, err = w.Write(append(line, '\n'))
			mu.Unlock()
		}
		if err != nil && failed != nil {
			failed(fmt.Errorf("governor: writing the audit: %w", err))
		}
	}
}

func (d Decision) audit(at time.Time) AuditRecord {
	r := AuditRecord{
		At: at.UTC(), Account: d.Account, Number: d.Number, Kind: d.Kind.String(), Allowed: d.Allowed, Counted: d.Counted, Used: d.Used, Limit: d.Limit,
		Reason: d.Reason.String(), Health: d.Health.String(), Detail: d.Detail,
	}
	if d.Scope != ScopeNone {
		r.Scope = d.Scope.String()
	}
	if !d.RetryAt.IsZero() {
		r.RetryAt = d.RetryAt.UTC()
	}
	return r
}

// ErrAudit is what [ReadAudit] yields, wrapped, for a line that is no record.
var ErrAudit = errors.New("governor: not an audit record")

// maxAuditLine is how long a line that is read may be. What AuditTo writes has
// some 400 bytes.
const maxAuditLine = 1 << 16

// ReadAudit yields the records of what [AuditTo] wrote. A line that is none, as
// the last one after a crash, is yielded as an error that wraps [ErrAudit] and
// names the line, and reading goes on behind it. An error of r ends it.
func ReadAudit(r io.Reader) iter.Seq2[AuditRecord, error] {
	return func(yield func(AuditRecord, error) bool) {
		lines := bufio.NewReaderSize(r, maxAuditLine)
		for number := 1; ; number++ {
			line, whole, err := nextLine(lines)
			if len(bytes.TrimSpace(line)) > 0 || !whole {
				record, fault := parseAudit(line, whole)
				if fault != nil {
					fault = fmt.Errorf("%w: line %d: %w", ErrAudit, number, fault)
				}
				if !yield(record, fault) {
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(AuditRecord{}, fmt.Errorf("governor: reading the audit: %w", err))
				}
				return
			}
		}
	}
}

// nextLine reads a line, of which the rest is passed over if it is too long.
func nextLine(r *bufio.Reader) (line []byte, whole bool, err error) {
	line, err = r.ReadSlice('\n')
	for whole = true; errors.Is(err, bufio.ErrBufferFull); whole = false {
		_, err = r.ReadSlice('\n')
		line = nil
	}
	return line, whole || len(line) > 0, err
}

func parseAudit(line []byte, whole bool) (AuditRecord, error) {
	if !whole {
		return AuditRecord{}, fmt.Errorf("more than %d bytes", maxAuditLine)
	}
	var r AuditRecord
	if err := json.Unmarshal(line, &r); err != nil {
		return AuditRecord{}, errors.New("not JSON of its kind") // the fault may quote what is there
	}
	if r.At.IsZero() || r.Reason == "" {
		return AuditRecord{}, errors.New("no time or no reason")
	}
	return r, nil
}
