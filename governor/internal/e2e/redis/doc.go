// Package redis holds redisstore against real servers that are killed, cut off,
// promoted and moved, against a checker of linearizability, and against others'
// limiters.
package redis
