package boltstore_test

func fullChild(path string) error { return nil }
