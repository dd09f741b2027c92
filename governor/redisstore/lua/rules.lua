-- The rules that a send can break.

-- refuse notes a rule that refuses until retry; NONE is for ever. Of several,
-- the one that refuses longest is kept.
refuse = function(v, by, retry)
  if v[1] == ADMITTED or v[4] ~= NONE and (retry == NONE or retry > v[4]) then
    v[1], v[4] = by, retry
  end
end,

-- refuse_busy brings a bucket up to date and notes that it has no token, until the
-- clock that the pace follows shows when. Where that clock has come too near by then to
-- be told from one that differs, it has to come past the pace first.
refuse_busy = function(v, by, list, i, every, burst, at)
  L.pass(list, i, every, burst, at)
  local wait = list[i + 2] + every - burst * every
  if wait > 0 then
    local retry = L.paced + wait
    L.refuse(v, by, retry < at - SKEW and retry or at + wait)
  end
end,

-- heed holds an admission to what its recipient wishes.
heed = function(v, person, number, topics, opt_in)
  local wishes, granted = person and person[3] or {}, opt_in == ''
  for i = 1, #wishes, WISH do
    local topic, yes, at, rests = wishes[i], wishes[i + 1] == 1, wishes[i + 2], wishes[i + 3]
    if L.now < rests and topic == 'pair/' .. number then
      L.refuse(v, PAIR_BUSY, rests)
    end
    if topic == opt_in and at ~= NONE and yes then
      granted = true
    end
    if L.place(topics, topic, 1) then
      if at ~= NONE and not yes then
        L.refuse(v, UNWANTED, NONE)
      elseif L.now < rests then
        L.refuse(v, UNWANTED, rests)
      end
    end
  end
  if not granted then
    L.refuse(v, NOT_ASKED_FOR, NONE)
  end
end,

-- reply_closed refuses a reply whose window is known to have closed.
reply_closed = function(v, person, number, told, at)
  local ends = L.window_end(person, number, told)
  if ends and at >= ends then
    L.refuse(v, REPLY_CLOSED, NONE)
  end
end,

-- full refuses where there is no slot, until there is one.
full = function(v, who, limit, holders_pass, at)
  local free = L.free_at(limit, 1)
  if free ~= NONE then
    free = math.max(free, L.full_until)
    if free <= at then
      return
    end
  end
  if holders_pass == 1 then
    local h = L.holder(who)
    if h.stamp and at < (h.stamp + DAY) * 1000 then
      return
    end
  end
  L.refuse(v, OVER_LIMIT, free)
end,

-- unbook gives back what an earlier call booked under a token, and says whether
-- there was one.
unbook = function(token)
  local r = token ~= '' and redis.call('HGET', BOOKINGS, token)
  if not r then
    return false
  end
  local b = L.booked(r)
  if b[3] == 1 then
    L.give_back(L.whereabouts(b[2], b[6]), 'pending', b[5])
  end
  redis.call('HDEL', BOOKINGS, token)
  return true
end,
