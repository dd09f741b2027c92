-- One account's ledger, one call for a batch of verbs. The answers are those of
-- governor/internal/ledger, to the millisecond and the microsecond.
--
-- KEYS are the account's, all in one slot. ARGV[1] is what the caller remembers
-- of the account (see fence.lua), each further one a verb with its arguments.
-- Both are MessagePack: a dozen fields cost Lua one call.
--
-- Times are whole microseconds, those of slots and service windows whole
-- milliseconds, all since 1970 and all below 2^53, which is as far as Lua counts.
-- Numbers are never turned into text by Lua itself: it keeps 14 digits.
local SLOTS, SENDS, PEOPLE, BOOKINGS, MESSAGES, NOTES, ALIASES, ACCOUNT, TALLIES = unpack(KEYS)

local call, pack, decode = redis.call, cmsgpack.pack, cmsgpack.unpack
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min

local NONE = -8e15 -- no time, in microseconds
local NEVER = -9e12 -- before any time, in milliseconds
local DAY = 86400000

-- The outcomes, as governor.Outcome has them.
local ADMITTED, STALE, OVER_LIMIT, NUMBER_BUSY, PAIR_BUSY, REPLY_CLOSED, UNWANTED, NOT_ASKED_FOR = 1, 2, 3, 4, 5, 6, 7, 8

-- place finds a key in a flat list of records that are so many fields wide.
local function place(list, key, width)
  for i = 1, #list, width do
    if list[i] == key then
      return i
    end
  end
end

-- cut takes a record out of a flat list. The order of the others stays.
local function cut(list, at, width)
  for _ = 1, width do
    table.remove(list, at)
  end
end
