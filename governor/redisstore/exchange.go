package redisstore

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// exchange makes one call of the script for a batch and hands out the answers.
func (s *Store) exchange(ctx context.Context, l *lane, batch []*call) {
	told, books := none, false
	args := make([]any, 1, 1+len(batch))
	for _, c := range batch {
		told, books = max(told, c.told), books || c.books
		args = append(args, []byte(c.op))
	}
	epoch, changes := l.seen()
	args[0] = doubles(epoch, changes, told)

	reply, copies, err := s.run(ctx, l.keys, args, books && s.cfg.WaitReplicas > 0)
	answers, lost, err := s.read(l, reply, err, len(batch))
	for i, c := range batch {
		switch {
		case err != nil:
			c.err = err
		case c.books && copies < int64(s.cfg.WaitReplicas):
			c.err = fmt.Errorf("%w: %d of %d", ErrReplicas, copies, s.cfg.WaitReplicas)
		default:
			c.answer, _ = answers[i].([]any)
		}
	}
	if err == nil && lost != 0 && s.cfg.OnLoss != nil {
		s.cfg.OnLoss(Loss{Account: l.account, Changes: int(max(0, lost))})
	}
}

// read takes an answer of the script apart.
func (s *Store) read(l *lane, reply any, err error, want int) (answers []any, lost int64, _ error) {
	if err != nil {
		return nil, 0, fmt.Errorf("redisstore: %w", err)
	}
	parts, _ := reply.([]any)
	if len(parts) != 4 {
		return nil, 0, errAnswer
	}
	epoch, ok1 := parts[0].(int64)
	changes, ok2 := parts[1].(int64)
	lost, ok3 := parts[2].(int64)
	answers, ok4 := parts[3].([]any)
	if !ok1 || !ok2 || !ok3 || !ok4 || len(answers) != want {
		return nil, 0, errAnswer
	}
	l.learn(epoch, changes)
	return answers, lost, nil
}

// run calls the script and, where asked to, waits for replicas.
func (s *Store) run(ctx context.Context, keys []string, args []any, wait bool) (reply any, copies int64, err error) {
	if !wait {
		reply, err = script().Run(ctx, s.client, keys, args...).Result()
		return reply, 0, err
	}
	for _, source := range []bool{false, true} {
		reply, copies, err = s.runAndWait(ctx, keys, args, source)
		if !redis.HasErrorPrefix(err, "NOSCRIPT") {
			break
		}
	}
	return reply, copies, err
}

// runAndWait calls the script and waits for replicas on the same connection, as
// WAIT is about the writes of its own.
func (s *Store) runAndWait(ctx context.Context, keys []string, args []any, source bool) (reply any, copies int64, err error) {
	client := s.client
	if cluster, ok := client.(*redis.ClusterClient); ok {
		// A cluster's pipeline would send WAIT, which has no key, anywhere.
		if client, err = cluster.MasterForKey(ctx, keys[0]); err != nil {
			return nil, 0, err
		}
	}
	var asked *redis.Cmd
	pipe := client.Pipeline()
	if source {
		asked = script().Eval(ctx, pipe, keys, args...)
	} else {
		asked = script().EvalSha(ctx, pipe, keys, args...)
	}
	waited := redis.NewIntCmd(ctx, "wait", s.cfg.WaitReplicas, s.cfg.WaitTimeout.Milliseconds())
	_ = pipe.Process(ctx, waited) // the pipeline's own errors are in the commands
	_, _ = pipe.Exec(ctx)
	if reply, err = asked.Result(); err != nil {
		return nil, 0, err
	}
	copies, err = waited.Result()
	return reply, copies, err
}
