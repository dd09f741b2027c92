package boltstore_test

import "errors"

// setFileLimit has no counterpart on Windows.
func setFileLimit(uint64) error { return errors.New("no limit of a file's size here") }
