package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sendgov/sendgov/governor"
	"github.com/sendgov/sendgov/governor/governorhttp"
	"github.com/sendgov/sendgov/governor/redisstore"
	"github.com/sendgov/sendgov/tier"
)

// job is what one replica has to do.
type job struct {
	replica         int
	redis, platform string
}

// environment hands the job to a process.
func (j job) environment() []string {
	return []string{"SENDGOV_REPLICA=" + strconv.Itoa(j.replica), "SENDGOV_REDIS=" + j.redis, "SENDGOV_PLATFORM=" + j.platform}
}

// ownJob is the job of this process, if it is a replica.
func ownJob() (job, bool) {
	i, err := strconv.Atoi(os.Getenv("SENDGOV_REPLICA"))
	return job{replica: i, redis: os.Getenv("SENDGOV_REDIS"), platform: os.Getenv("SENDGOV_PLATFORM")}, err == nil
}

// process does the job on the shared ledger and says what came of it.
func (j job) process(ctx context.Context, out io.Writer) error {
	client := redis.NewClient(&redis.Options{Addr: j.redis, ContextTimeoutEnabled: true})
	store, err := redisstore.New(client, redisstore.Config{})
	if err != nil {
		return errors.Join(err, client.Close())
	}
	r, err := j.send(ctx, store)
	if err := errors.Join(err, store.Close(), client.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, r.sent, r.refused)
	return err
}

// send writes to each customer of the replica's list. Nothing of it knows of the
// other replicas.
func (j job) send(ctx context.Context, store governor.Store) (result, error) {
	gov, err := governor.New(store, governor.Config{
		Accounts: []governor.Account{{
			ID: portfolio, Tier: tier.Tier(limit), Numbers: []governor.Number{{ID: number, PerSecond: 1000}},
		}},
		StoreTimeout: 5 * time.Second,
	})
	if err != nil {
		return result{}, err
	}
	client := &http.Client{Transport: &governorhttp.Transport{Governor: gov}}
	var r result
	for i := range each {
		err := j.post(ctx, client, fmt.Sprintf("1650555%d%03d", j.replica, i))
		var denied *governor.DeniedError
		switch {
		case err == nil:
			r.sent++
		case errors.As(err, &denied) && errors.Is(err, governor.ErrTierLimit):
			r.refused++
		default:
			return r, err
		}
	}
	return r, nil
}

func (j job) post(ctx context.Context, client *http.Client, to string) error {
	body := `{"messaging_product":"whatsapp","to":"` + to + `","type":"template","template":{"name":"order_update","language":{"code":"en_US"}}}`
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.platform+"/v25.0/"+number+"/messages", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the platform answered %s: %s", resp.Status, answer)
	}
	return err
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
