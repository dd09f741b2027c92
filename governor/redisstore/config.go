package redisstore

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Client is what a [Store] needs of a go-redis client. [*redis.Client], also
// one made by [redis.NewFailoverClient] for Sentinel, [*redis.ClusterClient]
// and [redis.UniversalClient] are Clients.
type Client interface {
	redis.Scripter
	// Pipeline is how a call and the wait for its replicas share a connection.
	Pipeline() redis.Pipeliner
}

// Config says how a [Store] uses its server. The zero Config is a good one.
type Config struct {
	// Prefix begins every key. Whoever shares a ledger uses the same. It must
	// not hold braces. Defaults to "sendgov:".
	Prefix string
	// WaitReplicas is how many replicas have to confirm a booking before it
	// counts as admitted. It costs each Admit one more wait on the server, and
	// makes a fail-over to one of them lose nothing. Defaults to 0, none.
	WaitReplicas int
	// WaitTimeout bounds that wait; [ErrReplicas] tells of its end. Defaults to
	// 100 ms. It counts in whole milliseconds.
	WaitTimeout time.Duration
	// OnLoss is told when the server turns out to have lost what it had
	// acknowledged. It runs on the call that noticed, without a lock held.
	// Defaults to nobody.
	OnLoss func(Loss)
}

// A Loss is that a server had lost writes which it had acknowledged: a replica
// without them was promoted, or it came back with an older disk.
type Loss struct {
	// Account is whose they were.
	Account string
	// Changes is how many changes of slots were lost at most. As many slots are
	// counted as taken for a day. Zero: too many, or nobody can tell; then no
	// new slot is given out for a day.
	Changes int
}

const (
	defaultPrefix      = "sendgov:"
	defaultWaitTimeout = 100 * time.Millisecond
)

// complete fills defaults in and finds all faults.
func (c Config) complete(client Client) (Config, error) {
	var faults []error
	fault := func(field, format string, args ...any) {
		faults = append(faults, fmt.Errorf("redisstore: %s: "+format, append([]any{field}, args...)...))
	}
	if c.Prefix == "" {
		c.Prefix = defaultPrefix
	}
	if strings.ContainsAny(c.Prefix, "{}") {
		fault("Config.Prefix", "has a brace, which would break up what a cluster has to keep together")
	}
	if c.WaitReplicas < 0 {
		fault("Config.WaitReplicas", "is %d, want a positive number, or zero for none", c.WaitReplicas)
	}
	if c.WaitTimeout == 0 {
		c.WaitTimeout = defaultWaitTimeout
	}
	if c.WaitTimeout < time.Millisecond {
		fault("Config.WaitTimeout", "is %v, want at least a millisecond", c.WaitTimeout)
	}
	if why := unfit(client); why != "" {
		fault("client", "%s", why)
	}
	return c, errors.Join(faults...)
}

// unfit says what is wrong with a client, or nothing.
func unfit(client Client) string {
	const deaf = "does not heed the deadline of a context, so that a server which hangs would hold up every send: set ContextTimeoutEnabled in its options"
	switch c := client.(type) {
	case nil:
		return "is nil"
	case *redis.Client:
		if c == nil {
			return "is nil"
		}
		if !c.Options().ContextTimeoutEnabled {
			return deaf
		}
	case *redis.ClusterClient:
		if c == nil {
			return "is nil"
		}
		if !c.Options().ContextTimeoutEnabled {
			return deaf
		}
	case *redis.Ring:
		return "is a Ring, which goes on with an empty ledger on another server when one is down: use a cluster"
	}
	return ""
}
