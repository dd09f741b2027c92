//go:build unix

package boltstore_test

import (
	"os/signal"
	"syscall"
)

// setFileLimit has the kernel refuse to write beyond so many bytes.
func setFileLimit(bytes uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = bytes
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
}
