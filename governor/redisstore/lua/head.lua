-- One account's ledger, one call for a batch of verbs. The answers are those of
-- governor/internal/ledger, to the millisecond and the microsecond.
--
-- ARGV[1] is what the caller remembers of the account (see fence.lua), each
-- further one a verb with its arguments. Both are MessagePack: a dozen fields cost
-- Lua one call.
--
-- Times are whole microseconds, those of slots and service windows whole
-- milliseconds, all since 1970 and all below 2^53, which is as far as Lua counts.
-- Numbers are never turned into text by Lua itself: it keeps 14 digits.
--
-- Everything stands in one table, the account as it was left and the functions:
-- the server runs all of this anew for each call, and what functions share as
-- local variables is what costs most in that.
local L
L = {
-- now, the latest told, never goes back; for paced and gained see clock.lua. The state has a
-- version; merges is how often two people became one, changes how often a slot was
-- taken or renewed; known is whether anything but their slot was ever known of
-- anybody. For epoch, full_until and lost see fence.lua, for owed, hand, cursor and
-- effort sweep.lua, for numbers and changed rates.lua.
now = NONE, paced = NONE, gained = 0, version = 0, merges = 0, changes = 0, epoch = 0, full_until = NONE, known = 0,
owed = 0, hand = 0, cursor = 0, effort = 1, lost = 0, numbers = false, changed = false,
server = 0, -- its time
gone = 0, -- a stamp up to here holds no slot any more
soon = 0, -- no send is stamped before this
used = false, -- how many hold a slot; false: not counted
was = false, -- how many there were before time passed
first = NEVER, -- no stamp that holds a slot is before this
