package main

// goals is what the project wants to reach. Baselines are measured in the same
// run, so a ratio means the same on a fast machine and on a busy one.
var goals = []goal{
	{
		id: "1", group: "window", what: "reserve at 100K live, mutex included / (mutex + map[string] set)",
		of: []string{"01-reserve-100K/window"}, over: []string{"01-reserve-100K/map-set"}, bound: 2.0,
	},
	{
		id: "2", group: "window", what: "the same at 1K / (mutex + map[string] get)",
		of: []string{"02-reserve-1K/window"}, over: []string{"02-reserve-1K/map-get"}, bound: 2.0,
	},
	{
		id: "3", group: "window", what: "the same at 100K / simplelru.Add",
		of: []string{"03-reserve-100K/window"}, over: []string{"03-reserve-100K/simplelru"}, bound: 0.4,
	},
	{
		id: "3b", group: "window", what: "the same at 100K / lru.Cache.Add",
		of: []string{"03-reserve-100K/window"}, over: []string{"03-reserve-100K/lru-cache"}, bound: 0.35,
	},
	{
		id: "4", group: "window", what: "the same at 100K / sethvargo/go-limiter Take, 65K keys",
		of: []string{"04-peers/window"}, over: []string{"04-peers/sethvargo"}, bound: 1.0,
	},
	{
		id: "5a", group: "window", what: "the same at 1K, reading the clock / rate.Limiter.Allow",
		of: []string{"05-own-clock-1K/window"}, over: []string{"05-own-clock-1K/x-time-rate"}, bound: 1.3,
	},
	{
		id: "5b", group: "window", what: "the same at 100K, reading the clock / rate.Limiter.Allow",
		of: []string{"05-own-clock-100K/window"}, over: []string{"05-own-clock-100K/x-time-rate"}, bound: 2,
	},
	{
		id: "6", group: "window", what: "denied + next free / (mutex + map[string] get)",
		of: []string{"06-denied-100K/window"}, over: []string{"06-denied-100K/map-get"}, bound: 1.3,
	},
	{
		id: "7a", group: "window", what: "next free at 100K",
		of: []string{"07-next-free-100K"}, bound: 10, show: "ns",
	},
	{
		id: "7b", group: "window", what: "k-th free at 100K",
		of: []string{"07-free-at-100K"}, bound: 500, show: "ns",
	},
	{
		id: "8", group: "window", what: "allocations of a reservation in steady state",
		of: []string{"01-reserve-100K/window"}, unit: "allocs/op", bound: 0,
	},
	{
		id: "9a", group: "window", what: "bytes per live recipient at 100K",
		of: []string{"09-memory/mixed-100K"}, unit: "B/recipient", bound: 24, show: "B",
	},
	{
		id: "9b", group: "window", what: "the same with 90 % repeats, sealed",
		of: []string{"09-memory/sealed-100K"}, unit: "B/recipient", bound: 30, show: "B",
	},
	{
		id: "9c", group: "window", what: "the same where the last four can still be given back",
		of: []string{"09-memory/repeats-100K"}, unit: "B/recipient", bound: 30, show: "B",
	},
	{
		id: "10a", group: "window", what: "9a / simplelru, with its keys",
		of: []string{"09-memory/mixed-100K"}, over: []string{"10-memory/simplelru-100K"}, unit: "B/recipient", bound: 0.167,
	},
	{
		id: "10b", group: "window", what: "9a / map[uint64] and a list in a slice",
		of: []string{"09-memory/mixed-100K"}, over: []string{"10-memory/map-and-list-100K"}, unit: "B/recipient", bound: 0.4,
	},
	{
		id: "11a", group: "window", what: "an empty account",
		of: []string{"11-account/empty"}, unit: "B/account", bound: 512, show: "B",
	},
	{
		id: "11b", group: "window", what: "an account with 250 live",
		of: []string{"11-account/250"}, unit: "B/account", bound: 8704, show: "B",
	},
	{
		id: "12", group: "window", what: "one operation after 100K expired together",
		of: []string{"12-mass-expiry-100K"}, bound: 50, scale: 1e-3, show: "us",
	},
	{
		id: "13a", group: "window", what: "slowest of a thousand operations at 100K, steady, best of three rounds",
		of: []string{"13-steady-100K"}, unit: "p99.9-ns", bound: 10, scale: 1e-3, show: "us",
	},
	{
		id: "13b", group: "window", what: "slowest of all of them",
		of: []string{"13-steady-100K"}, unit: "max-ns", bound: 100, scale: 1e-3, show: "us",
	},
	{
		id: "14", group: "window", what: "worst operation while growing to 1M, best of three rounds",
		of: []string{"14-grow-1M"}, unit: "max-ns", bound: 0.5, scale: 1e-6, show: "ms",
	},
	{
		id: "15", group: "window", what: "a garbage collection with 1M live / simplelru",
		of: []string{"15-gc-1M/window"}, over: []string{"15-gc-1M/simplelru"}, bound: 0.01,
	},
	{
		id: "16", group: "window", what: "64 accounts of 10K: time on two processors over that on one / the same of (mutex + map[string] set)",
		of: []string{"16-scaling-64x10K/window-2cpu"}, over: []string{"16-scaling-64x10K/window-1cpu"},
		theirs: []string{"16-scaling-64x10K/map-set-2cpu"}, theirsOver: []string{"16-scaling-64x10K/map-set-1cpu"}, bound: 1.3,
	},
	{
		id: "17", group: "window", what: "service window looked up / sync.Map.Load, in parallel",
		of: []string{"17-service-lookup-100K/window"}, over: []string{"17-service-lookup-100K/sync-map"}, bound: 0.6,
	},
	{
		id: "Ga", group: "decision", what: "Governor.Reserve + Commit, repeat, 1K account / rate.Limiter.Allow",
		of: []string{"G-governor/reserve-commit"}, over: []string{"G-governor/rate-limiter"}, bound: 6,
	},
	{
		id: "Gc", group: "decision", what: "the same with message IDs, by which a send can still fail",
		of: []string{"G-governor/reserve-commit-id"}, over: []string{"G-governor/rate-limiter"}, bound: 6,
	},
	{
		id: "Gb", group: "decision", what: "its allocations, the Reservation included",
		of: []string{"G-governor/reserve-commit"}, unit: "allocs/op", bound: 1,
	},
	{
		id: "Ta", group: "decision", what: "Transport's own time, without network and governor",
		of: []string{"T-transport/governed"}, less: []string{"T-transport/apart"}, bound: 1.5, scale: 1e-3, show: "us",
	},
	{
		id: "Tb", group: "decision", what: "Transport's own allocations",
		of: []string{"T-transport/governed"}, less: []string{"T-transport/apart"}, unit: "allocs/op", bound: 5,
	},
	{
		id: "Tc", group: "decision", what: "Transport's own time / a round trip on loopback",
		of: []string{"T-transport/governed"}, less: []string{"T-transport/apart"}, over: []string{"T-transport/loopback"},
		bound: 5, scale: 100, show: "%",
	},
	{
		id: "18a", group: "stores", what: "boltstore, 1 goroutine: rate / raw fdatasync",
		of: []string{"18-durable-1/boltstore"}, over: []string{"18-durable-1/fdatasync"}, atLeast: true, bound: 0.5,
	},
	{
		id: "18b", group: "stores", what: "the same, 16 goroutines",
		of: []string{"18-durable-16/boltstore"}, over: []string{"18-durable-16/fdatasync"}, atLeast: true, bound: 4,
	},
	{
		id: "18c", group: "stores", what: "the same, 256 goroutines",
		of: []string{"18-durable-256/boltstore"}, over: []string{"18-durable-256/fdatasync"}, atLeast: true, bound: 15,
	},
	{
		id: "19a", group: "stores", what: "boltstore, 16 goroutines: rate / pebble Set(Sync)",
		of: []string{"19-durable-16/boltstore"}, over: []string{"19-durable-16/pebble"}, atLeast: true, bound: 1,
	},
	{
		id: "19b", group: "stores", what: "the same, 256 goroutines",
		of: []string{"19-durable-256/boltstore"}, over: []string{"19-durable-256/pebble"}, atLeast: true, bound: 2,
	},
	{
		id: "20a", group: "stores", what: "boltstore, 256 goroutines: rate / bbolt.Batch",
		of: []string{"18-durable-256/boltstore"}, over: []string{"18-durable-256/bbolt-batch"}, atLeast: true, bound: 15,
	},
	{
		id: "20b", group: "stores", what: "boltstore, 256 goroutines: rate / SQLite, transactions grouped",
		of: []string{"19-durable-256/boltstore"}, over: []string{"20-durable-256/sqlite-grouped"}, atLeast: true, bound: 4,
	},
	{
		id: "21a", group: "stores", what: "boltstore, 100K admissions: bytes of the journal for each",
		of: []string{"21-journal-100K"}, unit: "journal-B/record", bound: 24, show: "B",
	},
	{
		id: "21b", group: "stores", what: "boltstore, 100K admissions: time to recover each",
		of: []string{"21-recover-100K/boltstore"}, unit: "ns/record", bound: 200, show: "ns",
	},
	{
		id: "21c", group: "stores", what: "the same: rate / bbolt alone",
		of: []string{"21-recover-100K/boltstore"}, over: []string{"21-recover-100K/bbolt"}, unit: "ns/record", atLeast: true, bound: 2.5,
	},
	{
		id: "21d", group: "stores", what: "the same: rate / pebble",
		of: []string{"21-recover-100K/boltstore"}, over: []string{"21-recover-100K/pebble"}, unit: "ns/record", atLeast: true, bound: 2.5,
	},
	{
		id: "22", group: "stores", what: "redisstore, 1 goroutine: rate / redis_rate",
		of: []string{"22-redis-1/redisstore"}, over: []string{"22-redis-1/redis-rate"}, atLeast: true, bound: 1,
	},
	{
		id: "23", group: "stores", what: "the same, 16 goroutines",
		of: []string{"22-redis-16/redisstore"}, over: []string{"22-redis-16/redis-rate"}, atLeast: true, bound: 1,
	},
	{
		id: "24", group: "stores", what: "the same, 256 goroutines",
		of: []string{"22-redis-256/redisstore"}, over: []string{"22-redis-256/redis-rate"}, atLeast: true, bound: 3,
	},
	{
		id: "24b", group: "stores", what: "redisstore, 256 goroutines: rate / PING",
		of: []string{"22-redis-256/redisstore"}, over: []string{"22-redis-256/ping"}, atLeast: true, bound: 1,
	},
	{
		id: "25", group: "stores", what: "redisstore, 100K slots: bytes of the server's memory for each",
		of: []string{"25-redis-bytes-100K/slots"}, unit: "B/recipient", bound: 115, show: "B",
	},
}
