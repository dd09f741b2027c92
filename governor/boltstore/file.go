package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// file is the database. Only one at a time calls its methods.
type file struct {
	db     *bbolt.DB
	disk   *os.File // bbolt's own
	head   head
	used   int64 // by the database when it last began to write
	solid  int64 // up to where the disk has given room already
	broken error // bbolt has panicked: what it has in memory is not to be trusted
}

// patience is how long a second opener waits at most for a first that is only
// having a look.
const patience = time.Second

// options are for opening. The list of free pages is not written, which spares
// each transaction a page, and reading it a page that nothing guards: it is
// found out anew instead. bbolt waits for a lock in steps of 50 ms, and for
// less not at all.
func options(readOnly bool) *bbolt.Options {
	o := &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, ReadOnly: readOnly, Timeout: patience}
	if readOnly {
		o.Timeout = time.Millisecond
	}
	return o
}

// openFile opens the file, or makes one if there is none. One that is not
// sound is left as it is.
func openFile(path string) (f *file, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, err
		}
	}
	if err := look(path); err != nil {
		return nil, err
	}
	defer contain(&err)
	f, o := &file{}, options(false)
	o.OpenFile = func(name string, flag int, mode os.FileMode) (*os.File, error) {
		f.disk, err = os.OpenFile(name, flag, mode)
		return f.disk, err
	}
	if f.db, err = bbolt.Open(path, 0o600, o); err != nil {
		return nil, opening(path, err)
	}
	return f, nil
}

// look inspects the file while nobody can change it.
func look(path string) (err error) {
	defer contain(&err)
	db, err := bbolt.Open(path, 0, options(true))
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return opening(path, err)
	}
	if err == nil {
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	if wrong := inspect(path); wrong != nil {
		return wrong
	}
	return opening(path, err)
}

// opening words an error of bbolt's Open.
func opening(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bbolterrors.ErrTimeout):
		return fmt.Errorf("%w: %s", ErrLocked, path)
	}
	return fmt.Errorf("boltstore: %w", err)
}

// create makes an empty ledger elsewhere and then gives it its name, so that
// what has the name is whole.
func create(path string) error {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	tmp, err := os.CreateTemp(dir, base+".new-*") // 0600
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	name := tmp.Name()
	defer func() { _ = os.Remove(name) }()
	if err := errors.Join(tmp.Close(), found(name)); err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	// A link never replaces what somebody else has made meanwhile. Where there
	// are none, the name is taken if it is still free.
	err = os.Link(name, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(name, path)
		}
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("boltstore: %w", err)
	}
	return syncDir(dir)
}

// found lays out an empty ledger.
func found(name string) error {
	db, err := bbolt.Open(name, 0o600, options(false))
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{journalBucket, accountsBucket, chunksBucket} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		return errors.Join(meta.Put(formatKey, format()), meta.Put(headKey, head{txid: tx.ID(), first: 1}.bytes()))
	})
	return errors.Join(err, db.Close())
}

// syncDir makes a new name last. Where directories cannot be synced it lasts
// as long as the system makes it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	_ = d.Sync()
	return d.Close()
}

// commit writes the work in one transaction. Repeated after an error, it
// writes nothing twice.
func (f *file) commit(w *work) (err error) {
	if f.broken != nil {
		return f.broken
	}
	defer func() {
		if errors.Is(err, errContained) {
			f.broken = err
		}
	}()
	defer contain(&err)
	f.makeRoom()
	h := f.head
	err = f.db.Update(func(tx *bbolt.Tx) error {
		f.used = tx.Size()
		return w.write(tx, &h)
	})
	if err == nil {
		f.head = h
	}
	return err
}

func (w *work) write(tx *bbolt.Tx, h *head) error {
	journal, accounts, chunks := tx.Bucket(journalBucket), tx.Bucket(accountsBucket), tx.Bucket(chunksBucket)
	journal.FillPercent, chunks.FillPercent = 1, 1 // keys only ever grow
	for _, b := range w.batches {
		key := seqKey(b.seq)
		if err := journal.Put(key, sealed(key, b.body)); err != nil {
			return err
		}
		h.last = b.seq
	}
	for _, c := range w.chunks {
		if err := chunks.Put(chunkKey(c.gen, c.n), c.data); err != nil {
			return err
		}
	}
	for _, st := range w.heads {
		value := st.head.bytes(st.account.id)
		if err := accounts.Put(accountKey(st.account.id), value); err != nil {
			return err
		}
		h.digest += digest(value)
		if st.before.gen == 0 {
			h.snapshots++
		} else {
			h.digest -= digest(st.before.bytes(st.account.id))
		}
		for n := range st.before.chunks {
			if err := chunks.Delete(chunkKey(st.before.gen, n)); err != nil {
				return err
			}
		}
	}
	if err := w.tidy(journal, chunks, h); err != nil {
		return err
	}
	h.txid = tx.ID()
	meta := tx.Bucket(metaBucket)
	return errors.Join(meta.Put(formatKey, format()), meta.Put(headKey, h.bytes()))
}

// tidy drops what is of no use any more.
func (w *work) tidy(journal, chunks *bbolt.Bucket, h *head) error {
	for n := 0; h.first < w.trim && n < trimmed; n++ {
		if err := journal.Delete(seqKey(h.first)); err != nil {
			return err
		}
		h.first++
	}
	for _, gen := range w.orphans {
		c := chunks.Cursor()
		for k, _ := c.Seek(chunkKey(gen, 0)); k != nil && genOf(k) == gen; k, _ = c.Seek(chunkKey(gen, 0)) {
			if err := c.Delete(); err != nil {
				return err
			}
		}
	}
	return nil
}

// errContained marks an error that has been a panic.
var errContained = errors.New("boltstore: bbolt has given up")

// contain turns a panic, and the fault of reading a mapped page that is not
// there, into an error.
func contain(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errContained, p)
	}
}

// faultsPanic makes such a fault a panic, until what it returns is called.
func faultsPanic() (restore func()) {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}

func (f *file) close() error { return f.db.Close() }
