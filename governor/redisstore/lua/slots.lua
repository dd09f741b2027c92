-- Who holds a slot. SLOTS has everybody once, by the stamp of their last counted
-- send, so that counting and the k-th to expire cost a walk down a tree. What
-- else is known of a holder is told by the part of a millisecond behind the
-- stamp, which costs no memory: almost everybody has had one message.
local PENDING = 0 -- one send, which is under way
local COMMITTED = 0.25 -- one send, which the platform accepted
local FIXED = 0.5 -- one stamp, which nothing can take back
local MANY = 0.75 -- SENDS has the details

-- Of the sends of one person that were accepted, this many can be given back.
local RELEASABLE = 4

-- count counts the holders. Who has lapsed may still be listed: taking many out
-- at once would stall the server, see sweep.lua.
local function count()
  if not used then
    lapsed = call('ZCOUNT', SLOTS, '-inf', string.format('(%.0f', gone + 1))
    used = call('ZCARD', SLOTS) - lapsed
  end
  return used
end

-- nth is the stamp that n other holders' precede.
local function nth(n)
  count()
  return floor(tonumber(call('ZRANGE', SLOTS, lapsed + n, lapsed + n, 'WITHSCORES')[2]))
end

-- free_at is when k of limit slots are free if nothing more is sent; NONE: never.
local function free_at(limit, k)
  if k > limit then
    return NONE
  end
  local surplus = count() - (limit - k)
  if surplus <= 0 then
    return now
  end
  return (nth(surplus - 1) + DAY) * 1000
end

-- holder is what is known of a person's slot. Stamp is nil if they hold none.
local function holder(who)
  local h = {who = who, fixed = NEVER, pending = {}, committed = {}}
  local score = tonumber(call('ZSCORE', SLOTS, who) or nil)
  if not score then
    return h
  end
  local stamp = floor(score)
  h.score, h.kind = score, score - stamp
  if stamp <= gone then
    return h
  end
  h.stamp = stamp
  if h.kind == PENDING then
    h.pending[1] = stamp
  elseif h.kind == COMMITTED then
    h.committed[1] = stamp
  elseif h.kind == FIXED then
    h.fixed = stamp
  else
    local r = decode(call('HGET', SENDS, who))
    h.fixed, h.pending, h.committed = r[1], r[2], r[3]
  end
  return h
end

-- insert keeps a list of stamps sorted.
local function insert(stamps, at)
  local i = #stamps
  while i > 0 and stamps[i] > at do
    i = i - 1
  end
  table.insert(stamps, i + 1, at)
end

-- remove takes one stamp out of a list and says whether it was there. Stamps
-- tell sends apart: two of one person, one state and one stamp are the same to
-- everything that can happen to them.
local function remove(stamps, at)
  for i = 1, #stamps do
    if stamps[i] == at then
      table.remove(stamps, i)
      return true
    end
  end
  return false
end

-- keep writes a holder down after a change.
local function keep(h)
  local pending, committed = h.pending, h.committed
  while pending[1] and pending[1] <= gone do
    table.remove(pending, 1)
  end
  while committed[1] and (#committed > RELEASABLE or committed[1] <= h.fixed or committed[1] <= gone) do
    h.fixed = max(h.fixed, table.remove(committed, 1))
  end
  if h.fixed <= gone then
    h.fixed = NEVER
  end
  local stamp = max(h.fixed, pending[#pending] or NEVER, committed[#committed] or NEVER)
  if used and h.score and not h.stamp then
    lapsed = lapsed - 1
  end
  if used then
    used = used + (stamp > NEVER and 1 or 0) - (h.stamp and 1 or 0)
  end
  local kind, others = MANY, #pending + #committed
  if others == 0 then
    kind = FIXED
  elseif others == 1 and h.fixed == NEVER then
    kind = pending[1] and PENDING or COMMITTED
  end
  if stamp > NEVER then
    if kind == MANY then
      call('HSET', SENDS, h.who, pack({h.fixed, pending, committed}))
    end
    if stamp + kind ~= h.score then
      call('ZADD', SLOTS, stamp + kind, h.who)
    end
  elseif h.score then
    call('ZREM', SLOTS, h.who)
  end
  if h.kind == MANY and (kind ~= MANY or stamp == NEVER) then
    call('HDEL', SENDS, h.who)
  end
end

-- reserve books a send and returns its stamp, or nil where there is no slot. A
-- holder's repeat takes none.
local function reserve(who, stamp, limit)
  local at = max(stamp, soon)
  if who == '' then
    return nil
  end
  local h = holder(who)
  if not h.stamp and count() >= limit then
    return nil
  end
  insert(h.pending, at)
  keep(h)
  changes = changes + 1
  return at
end

-- give_back undoes a send: an earlier stamp comes back exactly, and other sends
-- to the person keep the slot.
local function give_back(who, state, at)
  if at <= gone then
    return
  end
  local h = holder(who)
  if h.stamp and remove(h[state], at) then
    keep(h)
  end
end

-- renew moves a stamp that nothing takes back.
local function renew(who, at)
  if who == '' or at <= gone then
    return
  end
  local h = holder(who)
  h.fixed = max(h.fixed, at)
  keep(h)
  changes = changes + 1
end

-- join makes one holder of two.
local function join(from, into)
  local f = holder(from)
  if not f.stamp or from == into or into == '' then
    return
  end
  local h = holder(into)
  for _, at in ipairs(f.pending) do
    insert(h.pending, at)
  end
  for _, at in ipairs(f.committed) do
    insert(h.committed, at)
  end
  h.fixed = max(h.fixed, f.fixed)
  f.fixed, f.pending, f.committed = NEVER, {}, {}
  keep(h)
  keep(f)
end
