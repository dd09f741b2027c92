package redisstore

import "errors"

var (
	// ErrClosed is what every verb returns after Close.
	ErrClosed = errors.New("redisstore: closed")
	// ErrReplicas is what Admit returns when fewer replicas than
	// Config.WaitReplicas have confirmed a booking in time. The slot stays
	// booked until the same admission is repeated or settled.
	ErrReplicas = errors.New("redisstore: too few replicas have confirmed the booking")
	// errAnswer is an answer that the script does not give.
	errAnswer = errors.New("redisstore: the server's answer is not the script's")
	// errUnfinished is what those get who shared a call that panicked, in a
	// hook of the client perhaps.
	errUnfinished = errors.New("redisstore: the call was not finished")
)
