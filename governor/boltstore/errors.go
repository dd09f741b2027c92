package boltstore

import "errors"

var (
	// ErrClosed is what every verb returns after Close.
	ErrClosed = errors.New("boltstore: closed")
	// ErrLocked is what [Open] returns while the file is open elsewhere, in
	// this process or another. Nobody can share a file: see package redisstore
	// for a ledger that several processes share.
	ErrLocked = errors.New("boltstore: the file is open elsewhere")
	// ErrForeign is what [Open] returns for a file that is not a ledger. It is
	// left as it is.
	ErrForeign = errors.New("boltstore: not a ledger")
	// ErrVersion is what [Open] returns for a ledger that a newer version of
	// this package has written. It is left as it is.
	ErrVersion = errors.New("boltstore: written by a newer version")
	// ErrCorrupt is what [Open] returns for a ledger that is not as it was
	// written: cut short, or overwritten. It is left as it is. What to do is
	// said in the package's section on damage.
	ErrCorrupt = errors.New("boltstore: damaged")
)
