package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt trusts its pages: one that is damaged makes it panic, on a goroutine of
// its own too, run in circles, or read beyond the end of a mapping. So the
// whole tree is walked here before bbolt sees any of it. The layout is that of
// bbolt's format 2; numbers are in the machine's order.
const (
	bboltMagic   = 0xED0CDAED
	bboltVersion = 2

	headerSize  = 16 // of a page: id 8, flags 2, count 2, overflow 4
	elementSize = 16 // of a branch or leaf
	metaSize    = 64
	bucketSize  = 16 // root 8, sequence 8

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10
	bucketLeaf   = 0x01

	noFreelist = 1<<64 - 1
)

var order = binary.NativeEndian

// meta is one of the two pages that a database begins with.
type meta struct {
	pageSize             int64
	root, freelist, high uint64 // high is the first page that is not used
	txid                 uint64
}

// inspector walks a database.
type inspector struct {
	r    io.ReaderAt
	meta meta
	seen []uint64 // a bit for each page that has been reached
}

// inspect says what is wrong with the file, without changing it.
func inspect(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("boltstore: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("%w: a directory", ErrForeign)
	}
	return inspectFile(f, info.Size())
}

func inspectFile(r io.ReaderAt, size int64) error {
	m, err := readMeta(r, size)
	if err != nil {
		return err
	}
	if m.high > uint64(size/m.pageSize) {
		return fmt.Errorf("%w: it has been cut short", ErrCorrupt)
	}
	in := inspector{r: r, meta: m, seen: make([]uint64, m.high/64+1)}
	_, err = in.tree(m.root, nil)
	if err == nil && m.freelist != noFreelist {
		err = in.freelist(m.freelist)
	}
	return err
}

// readMeta reads the newer of the two meta pages. One that is not sound is not
// passed over: it may be the one that the last answer was based on, and going
// back to the one before would forget sends.
func readMeta(r io.ReaderAt, size int64) (meta, error) {
	if size == 0 {
		return meta{}, fmt.Errorf("%w: it is empty", ErrCorrupt)
	}
	first, state := metaAt(r, 0)
	if state == metaSound {
		if second, state := metaAt(r, first.pageSize); state == metaSound && second.pageSize == first.pageSize {
			if second.txid > first.txid {
				return second, nil
			}
			return first, nil
		}
		return meta{}, fmt.Errorf("%w: the second of its two meta pages cannot be read", ErrCorrupt)
	}
	for at := int64(1 << 10); at <= 1<<24 && at < size; at <<= 1 {
		if second, found := metaAt(r, at); found == metaSound && second.pageSize == at {
			return meta{}, fmt.Errorf("%w: the first of its two meta pages cannot be read", ErrCorrupt)
		}
	}
	if state == metaDamaged {
		return meta{}, fmt.Errorf("%w: its meta pages cannot be read", ErrCorrupt)
	}
	return meta{}, fmt.Errorf("%w: not a bbolt database", ErrForeign)
}

type metaState int

const (
	metaForeign metaState = iota
	metaDamaged
	metaSound
)

func metaAt(r io.ReaderAt, at int64) (meta, metaState) {
	var page [headerSize + metaSize]byte
	if n, err := r.ReadAt(page[:], at); n < len(page) && err != nil {
		if n >= headerSize+4 && order.Uint32(page[headerSize:]) == bboltMagic {
			return meta{}, metaDamaged
		}
		return meta{}, metaForeign
	}
	b := page[headerSize:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	m := meta{
		pageSize: int64(order.Uint32(b[8:])),
		root:     order.Uint64(b[16:]), freelist: order.Uint64(b[32:]), high: order.Uint64(b[40:]), txid: order.Uint64(b[48:]),
	}
	ours := order.Uint32(b) == bboltMagic
	switch {
	case ours && order.Uint32(b[4:]) == bboltVersion && order.Uint64(b[56:]) == sum.Sum64() &&
		m.pageSize >= 1<<10 && m.pageSize <= 1<<24 && m.pageSize&(m.pageSize-1) == 0 && m.high >= 2 && m.high < 1<<40:
		return m, metaSound
	case ours || order.Uint64(b[56:]) == sum.Sum64():
		return m, metaDamaged
	}
	return m, metaForeign
}

func badPage(id uint64, what string) error {
	return fmt.Errorf("%w: page %d: %s", ErrCorrupt, id, what)
}

// page reads the page and those that it runs over into, each once.
func (in *inspector) page(id uint64) ([]byte, error) {
	size := in.meta.pageSize
	if id < 2 || id >= in.meta.high {
		return nil, badPage(id, "there is none")
	}
	var header [headerSize]byte
	if _, err := in.r.ReadAt(header[:], int64(id)*size); err != nil {
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	pages := uint64(order.Uint32(header[12:])) + 1
	if order.Uint64(header[:]) != id || pages > in.meta.high-id {
		return nil, badPage(id, "its header cannot be right")
	}
	for p := id; p < id+pages; p++ {
		if in.seen[p/64]&(1<<(p%64)) != 0 {
			return nil, badPage(id, "it is reached twice")
		}
		in.seen[p/64] |= 1 << (p % 64)
	}
	b := make([]byte, int64(pages)*size)
	if _, err := in.r.ReadAt(b, int64(id)*size); err != nil {
		return nil, fmt.Errorf("boltstore: %w", err)
	}
	return b, nil
}

// tree walks what hangs on a page. None of its keys may come before the key
// given, which is nil at the beginning; the last of them is returned.
func (in *inspector) tree(id uint64, after []byte) ([]byte, error) {
	b, err := in.page(id)
	if err != nil {
		return nil, err
	}
	return in.nodes(id, b, after)
}

// nodes walks a page's elements.
func (in *inspector) nodes(id uint64, b, after []byte) ([]byte, error) {
	flags, count := order.Uint16(b[8:]), int(order.Uint16(b[10:]))
	leaf := flags == leafPage
	if !leaf && (flags != branchPage || count == 0) {
		return nil, badPage(id, "neither branch nor leaf")
	}
	if headerSize+count*elementSize > len(b) {
		return nil, badPage(id, "more elements than there is room for")
	}
	for i := range count {
		at := headerSize + i*elementSize
		e := b[at : at+elementSize]
		pos, ksize, vsize := uint64(order.Uint32(e)), uint64(order.Uint32(e[4:])), uint64(0)
		if leaf {
			pos, ksize, vsize = uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])), uint64(order.Uint32(e[12:]))
		}
		start := uint64(at) + pos
		if start < uint64(headerSize+count*elementSize) || start+ksize+vsize > uint64(len(b)) {
			return nil, badPage(id, "an element lies outside")
		}
		key, value := b[start:start+ksize], b[start+ksize:start+ksize+vsize]
		// The first may be the very key that the branch above names.
		if c := bytes.Compare(key, after); ksize == 0 || after != nil && (c < 0 || c == 0 && i > 0) {
			return nil, badPage(id, "its keys are not in order")
		}
		after = key
		var err error
		switch {
		case !leaf:
			after, err = in.tree(order.Uint64(e[8:]), key)
		case order.Uint32(e)&bucketLeaf != 0:
			err = in.bucket(id, value)
		}
		if err != nil {
			return nil, err
		}
	}
	return after, nil
}

// bucket walks a bucket, which is in a tree of its own or, if small, inside its
// parent's value.
func (in *inspector) bucket(id uint64, value []byte) error {
	if len(value) < bucketSize {
		return badPage(id, "a bucket is too short")
	}
	if root := order.Uint64(value); root != 0 {
		_, err := in.tree(root, nil)
		return err
	}
	inline := value[bucketSize:]
	if len(inline) < headerSize || order.Uint16(inline[8:]) != leafPage {
		return badPage(id, "a bucket inside it cannot be read")
	}
	_, err := in.nodes(id, inline, nil)
	return err
}

// freelist checks a list of free pages, which other tools write and this
// package does not: none of them may be in use.
func (in *inspector) freelist(id uint64) error {
	b, err := in.page(id)
	if err != nil {
		return err
	}
	n, ids := uint64(order.Uint16(b[10:])), b[headerSize:]
	if n == 0xFFFF {
		n, ids = order.Uint64(ids), ids[8:]
	}
	if order.Uint16(b[8:]) != freelistPage || n > uint64(len(ids)/8) {
		return badPage(id, "not a list of free pages")
	}
	for i := range n {
		free := order.Uint64(ids[8*i:])
		if free < 2 || free >= in.meta.high || in.seen[free/64]&(1<<(free%64)) != 0 {
			return badPage(id, "a page of its list is not free")
		}
		in.seen[free/64] |= 1 << (free % 64)
	}
	return nil
}
