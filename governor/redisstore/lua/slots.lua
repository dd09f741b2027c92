-- Who holds a slot. SLOTS has everybody once, by the stamp of their last counted
-- send, so that counting and the k-th to expire cost a walk down a tree. What
-- else is known of a holder is told by the part of a millisecond behind the
-- stamp, which costs no memory: almost everybody has had one message.

-- nth is the stamp that n other holders' precede.
nth = function(n)
  local rank = n - L.count() -- from the end
  return math.floor(tonumber(redis.call('ZRANGE', SLOTS, rank, rank, 'WITHSCORES')[2]))
end,

-- free_at is when k of limit slots are free if nothing more is sent; NONE: never.
free_at = function(limit, k)
  if k > limit then
    return NONE
  end
  local surplus = L.count() - (limit - k)
  if surplus <= 0 then
    return L.now
  end
  return (L.nth(surplus - 1) + DAY) * 1000
end,

-- holder is what is known of a person's slot. Stamp is nil if they hold none.
holder = function(who)
  local h = {who = who, fixed = NEVER, pending = {}, committed = {}}
  local score = tonumber(redis.call('ZSCORE', SLOTS, who))
  if not score then
    return h
  end
  local stamp = math.floor(score)
  h.score, h.kind = score, score - stamp
  if stamp <= L.gone then
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
    local r = cmsgpack.unpack(redis.call('HGET', SENDS, who))
    h.fixed, h.pending, h.committed = r[1], r[2], r[3]
  end
  return h
end,

-- insert keeps a list of stamps sorted.
insert = function(stamps, at)
  local i = #stamps
  while i > 0 and stamps[i] > at do
    i = i - 1
  end
  table.insert(stamps, i + 1, at)
end,

-- remove takes one stamp out of a list and says whether it was there. Stamps
-- tell sends apart: two of one person, one state and one stamp are the same to
-- everything that can happen to them.
remove = function(stamps, at)
  for i = 1, #stamps do
    if stamps[i] == at then
      table.remove(stamps, i)
      return true
    end
  end
  return false
end,

-- keep writes a holder down after a change.
keep = function(h)
  local pending, committed = h.pending, h.committed
  while pending[1] and pending[1] <= L.gone do
    table.remove(pending, 1)
  end
  while committed[1] and (#committed > RELEASABLE or committed[1] <= h.fixed or committed[1] <= L.gone) do
    h.fixed = math.max(h.fixed, table.remove(committed, 1))
  end
  if h.fixed <= L.gone then
    h.fixed = NEVER
  end
  local stamp = math.max(h.fixed, pending[#pending] or NEVER, committed[#committed] or NEVER)
  if L.used then
    L.used = L.used + (stamp > NEVER and 1 or 0) - (h.stamp and 1 or 0)
  end
  if stamp > NEVER and stamp < L.first then
    L.first = stamp
  end
  local kind, others = MANY, #pending + #committed
  if others == 0 then
    kind = FIXED
  elseif others == 1 and h.fixed == NEVER then
    kind = pending[1] and PENDING or COMMITTED
  end
  if stamp > NEVER then
    if kind == MANY then
      redis.call('HSET', SENDS, h.who, cmsgpack.pack({h.fixed, pending, committed}))
    end
    if stamp + kind ~= h.score then
      redis.call('ZADD', SLOTS, stamp + kind, h.who)
    end
  elseif h.score then
    redis.call('ZREM', SLOTS, h.who)
  end
  if h.kind == MANY and (kind ~= MANY or stamp == NEVER) then
    redis.call('HDEL', SENDS, h.who)
  end
end,

-- reserve books a send and returns its stamp, or nil where there is no slot. A
-- holder's repeat takes none.
reserve = function(who, stamp, limit)
  local at = math.max(stamp, L.soon)
  if who == '' then
    return nil
  end
  local h = L.holder(who)
  if not h.stamp and L.count() >= limit then
    return nil
  end
  L.insert(h.pending, at)
  L.keep(h)
  L.changes = L.changes + 1
  return at
end,

-- give_back undoes a send: an earlier stamp comes back exactly, and other sends
-- to the person keep the slot.
give_back = function(who, state, at)
  if at <= L.gone then
    return
  end
  local h = L.holder(who)
  if h.stamp and L.remove(h[state], at) then
    L.keep(h)
  end
end,

-- renew moves a stamp that nothing takes back.
renew = function(who, at)
  if who == '' or at <= L.gone then
    return
  end
  local h = L.holder(who)
  h.fixed = math.max(h.fixed, at)
  L.keep(h)
  L.changes = L.changes + 1
end,

-- join makes one holder of two.
join = function(from, into)
  local f = L.holder(from)
  if not f.stamp or from == into or into == '' then
    return
  end
  local h = L.holder(into)
  for _, at in ipairs(f.pending) do
    L.insert(h.pending, at)
  end
  for _, at in ipairs(f.committed) do
    L.insert(h.committed, at)
  end
  h.fixed = math.max(h.fixed, f.fixed)
  f.fixed, f.pending, f.committed = NEVER, {}, {}
  L.keep(h)
  L.keep(f)
end,
