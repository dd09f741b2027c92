// Package pack writes values as a few bytes and reads them back, whatever the
// bytes: what boltstore and the ledger put on a disk.
//
// Appending never fails. A [Reader] reads until the first thing that is not as
// it was written; from then on it reads zeros, and [Reader.Err] says so. It
// never takes more memory than a small multiple of what it was given.
package pack
