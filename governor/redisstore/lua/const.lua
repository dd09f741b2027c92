-- Names for what does not change. They are put in their places before the script
-- leaves for the server: a name costs Lua time in each call.

-- The keys of the account, all in one slot.
SLOTS = KEYS[1] -- who holds a slot: slots.lua
SENDS = KEYS[2] -- their sends, where there are several
PEOPLE = KEYS[3] -- what else is known of people: people.lua
BOOKINGS = KEYS[4] -- sends that have not been settled, by token
MESSAGES = KEYS[5] -- sends that can be given back, by the hash of the message's ID
NOTES = KEYS[6] -- messages without a slot of which something is known, by the same
ALIASES = KEYS[7] -- spellings that stand for somebody else: names.lua
ACCOUNT = KEYS[8] -- the rest
TALLIES = KEYS[9] -- what was counted, by day

NONE = -8e15 -- no time, in microseconds
FOREVER = 8e15
NEVER = -9e12 -- before any time, in milliseconds
DAY = 86400000 -- milliseconds
WEEK = 604800000
DAY_US = 86400000000 -- microseconds
SKEW = 300000000 -- by how much clocks differ at most
LEDGER = 85 -- the bytes of an account before it knew what its pace has gained
BY_PACE = 0.5 -- the part of a microsecond in until when a person matters by the pace; until 2112 there is room for it
MARGIN = 60000000 -- governor.WindowMargin

-- The outcomes, as governor.Outcome has them.
ADMITTED = 1
STALE = 2
OVER_LIMIT = 3
NUMBER_BUSY = 4
PAIR_BUSY = 5
REPLY_CLOSED = 6
UNWANTED = 7
NOT_ASKED_FOR = 8

-- What is known of a holder of a slot is told by the part of a millisecond behind
-- the stamp.
PENDING = 0 -- one send, which is under way
COMMITTED = 0.25 -- one send, which the platform accepted
FIXED = 0.5 -- one stamp, which nothing can take back
MANY = 0.75 -- SENDS has the details

RELEASABLE = 4 -- how many accepted sends of one person can be given back

-- How wide the records of flat lists are.
BUCKET = 5
WINDOW = 4
WISH = 5

STRIKE = 270000000 -- how soon after a cool-down the next one counts as repeated

MAX_LOST = 1000 -- more changes lost than that, and nobody gets a new slot for a day
EPOCHS = 8

-- Forgetting goes by verbs: a quarter of an entry, and up to four, are looked at for
-- each, once so many verbs are owed it.
OWED = 64
MAX_EFFORT = 16
MAX_EXPIRED = 128 -- lapsed slots that one call takes off the list, and two for each verb
MAX_NOTES = 20480
MAX_ALIASES = 131072
MEMORY = 172800000000 -- how long a booking is remembered that nobody settles
BRIEF_MEMORY = 3600000000 -- how long a reply's is

EARLY = 4 -- in a note: the message has failed before its send was settled

MAX_POINTS = 256
TALLY_DAYS = 31
MAX_NAMES = 256
