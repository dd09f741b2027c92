// Package storetest holds any governor.Store to its contract.
package storetest
