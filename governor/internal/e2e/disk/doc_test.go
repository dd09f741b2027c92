// Package disk measures boltstore beside databases that Go programs embed,
// which the root module must not require. Under the race detector, which tells
// nothing about speed, there is nothing to build: they take minutes.
package disk
