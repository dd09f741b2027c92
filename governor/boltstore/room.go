package boltstore

import "go.etcd.io/bbolt"

// ahead is how much room there should be behind what the database uses.
const ahead = 256 << 10

// makeRoom has the disk give room before it is needed, by writing zeros behind
// the database. A page that is written where there is room already is safe as
// soon as its content is on the disk; else the file system has to write down
// first where it has put it, which takes several times as long. Where there is
// no room the transaction will say so.
func (f *file) makeRoom() {
	if f.used+ahead/2 <= f.solid {
		return
	}
	// No transaction is under way, so what is behind the pages of the last is
	// nobody's.
	if f.db.View(func(tx *bbolt.Tx) error { f.used = tx.Size(); return nil }) != nil {
		return
	}
	from := max(f.solid, f.used)
	size := min(max(ahead, f.used/4), 4<<20)
	if _, err := f.disk.WriteAt(make([]byte, size), from); err == nil {
		f.solid = from + size
	}
}
