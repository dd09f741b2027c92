// Package redisstore keeps a governor's ledger on a Redis or Valkey server.
package redisstore
