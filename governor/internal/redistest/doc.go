// Package redistest runs redis-server processes for tests: a lone server, a
// server with replicas, a cluster. Each has free ports and a directory of its
// own, and ends when it is told to.
package redistest
