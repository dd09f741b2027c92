package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// slots is how many a Redis Cluster has.
const slots = 16384

// A Cluster is a Redis Cluster of masters without replicas.
type Cluster struct {
	Nodes []*Server
}

// StartCluster runs a cluster of so many masters, each with a directory below
// dir, and returns when all of them say that it works. The caller stops it, also
// after an error.
func StartCluster(dir string, masters int) (*Cluster, error) {
	ctx := context.Background()
	c := &Cluster{}
	for i := range masters {
		home := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(home, 0o700); err != nil {
			return c, err
		}
		// A node that was slow for so long would be taken for one that failed, and
		// the cluster with it.
		node, err := start(home, true, []string{"--cluster-node-timeout", strconv.FormatInt(patience.Milliseconds(), 10)})
		if err != nil {
			return c, err
		}
		c.Nodes = append(c.Nodes, node)
		client := node.Client()
		first, last := slots*i/masters, slots*(i+1)/masters-1
		err = errors.Join(
			client.ClusterAddSlotsRange(ctx, first, last).Err(),
			client.Do(ctx, "cluster", "set-config-epoch", i+1).Err(),
		)
		if i > 0 {
			err = errors.Join(err, client.Do(ctx, "cluster", "meet", "127.0.0.1", c.Nodes[0].Port, c.Nodes[0].bus).Err())
		}
		if err = errors.Join(err, client.Close()); err != nil {
			return c, err
		}
	}
	for _, node := range c.Nodes {
		if err := node.works(ctx, masters); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Stop ends all nodes.
func (c *Cluster) Stop() {
	for _, node := range c.Nodes {
		node.Kill()
	}
}

// Client connects to the cluster.
func (c *Cluster) Client() *redis.ClusterClient {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr())
	}
	return redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: addrs, ContextTimeoutEnabled: true, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience,
	})
}

// works waits until a node knows all others and says that all slots are served.
func (s *Server) works(ctx context.Context, nodes int) error {
	client := s.Client()
	defer func() { _ = client.Close() }()
	for {
		info, err := client.ClusterInfo(ctx).Result()
		if err != nil {
			return err
		}
		if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", nodes)) {
			return nil
		}
		// The server waits for a replica that it does not have, and so do we.
		if err := client.Do(ctx, "wait", 1, 50).Err(); err != nil {
			return err
		}
	}
}
