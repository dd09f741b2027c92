// Package statuspage shows where accounts stand.
package statuspage
