package boltstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/sendgov/sendgov/governor/internal/pack"
)

// The file is a bbolt database of four buckets. Every value is checked when it
// is read: bbolt itself guards nothing but its two meta pages.
var (
	metaBucket     = []byte("sendgov")  // formatKey, headKey
	journalBucket  = []byte("journal")  // by sequence: a batch of records
	accountsBucket = []byte("accounts") // by account's hash: the head of its snapshot
	chunksBucket   = []byte("chunks")   // by generation and number: part of a snapshot

	formatKey = []byte("format")
	headKey   = []byte("head")
)

// magic begins the format. What follows it is the version.
var magic = []byte("sendgov ledger\x00")

// Earlier versions are read, and what is written is of the latest: so a file
// says the latest from the first transaction on. In batches of version 1 each
// token is in full.
const (
	formatVersion = 2
	batchVersion  = 2
)

func format() []byte { return pack.Uint(bytes.Clone(magic), formatVersion) }

// checkFormat says whether the file is one that this version can read.
func checkFormat(value []byte) error {
	version, ours := bytes.CutPrefix(value, magic)
	if !ours {
		return ErrForeign
	}
	r := pack.Read(version)
	switch v := r.Uint(); {
	case r.Close() != nil || v == 0:
		return fmt.Errorf("%w: its version cannot be read", ErrCorrupt)
	case v > formatVersion:
		return fmt.Errorf("%w: format %d, this one reads up to %d", ErrVersion, v, formatVersion)
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(parts ...[]byte) uint32 {
	var sum uint32
	for _, p := range parts {
		sum = crc32.Update(sum, castagnoli, p)
	}
	return sum
}

// sealed is a value with a checksum of its key and itself behind it.
func sealed(key, value []byte) []byte {
	return binary.BigEndian.AppendUint32(value, checksum(key, value))
}

// unseal is the value without its checksum, if that is right.
func unseal(key, value []byte) ([]byte, bool) {
	n := len(value) - 4
	if n < 0 || checksum(key, value[:n]) != binary.BigEndian.Uint32(value[n:]) {
		return nil, false
	}
	return value[:n], true
}

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func genOf(key []byte) uint64 {
	if len(key) != 12 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

func chunkKey(gen uint64, n int) []byte {
	return binary.BigEndian.AppendUint32(seqKey(gen), uint32(n))
}

// head is written with every transaction and says what the file must hold, so
// that nothing can go missing unseen, and no page be an older one of its own.
type head struct {
	txid        int    // of the transaction
	first, last uint64 // of the journal; none if last < first
	snapshots   int    // how many accounts have one
	digest      uint64 // of their heads
}

func (h head) bytes() []byte {
	b := pack.Uint(pack.Uint(pack.Uint(nil, uint64(h.txid)), h.first), h.last)
	return sealed(headKey, pack.Fixed(pack.Uint(b, uint64(h.snapshots)), h.digest))
}

func readHead(value []byte) (head, bool) {
	body, ok := unseal(headKey, value)
	r := pack.Read(body)
	h := head{txid: int(r.Uint()), first: r.Uint(), last: r.Uint(), snapshots: r.Size(), digest: r.Fixed()}
	return h, ok && r.Close() == nil && h.first > 0 && h.first <= h.last+1
}

// digest is what the head of a snapshot adds to the digest of them all.
func digest(value []byte) uint64 {
	sum := sha256.Sum256(value)
	return binary.BigEndian.Uint64(sum[:])
}

// accountKey finds an account's snapshot. An ID may be of any length, a key not.
func accountKey(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:16]
}

func (h snapshotHead) bytes(id string) []byte {
	b := pack.String(nil, id)
	b = pack.Uint(pack.Uint(pack.Uint(b, h.gen), h.cover.batch), uint64(h.cover.records))
	b = pack.Uint(pack.Uint(pack.Uint(b, uint64(h.size)), uint64(h.sum)), uint64(h.chunks))
	return sealed(accountKey(id), b)
}

func readSnapshotHead(key, value []byte) (id string, h snapshotHead, ok bool) {
	body, ok := unseal(key, value)
	r := pack.Read(body)
	id = r.String()
	h = snapshotHead{gen: r.Uint(), cover: position{r.Uint(), r.Size()}, size: r.Size()}
	sum := r.Uint()
	h.sum, h.chunks = uint32(sum), r.Size()
	ok = ok && r.Close() == nil && sum>>32 == 0 && h.gen > 0 && bytes.Equal(key, accountKey(id))
	return id, h, ok
}
