// Package peers measures the window beside the limiters that Go programs use,
// which the root module must not require.
package peers
