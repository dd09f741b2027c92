-- Deciding one send. A verdict is {outcome, counted, used, retry}.

-- refuse notes a rule that refuses until retry; NONE is for ever. Of several,
-- the one that refuses longest is kept.
local function refuse(v, by, retry)
  if v[1] == ADMITTED or v[4] ~= NONE and (retry == NONE or retry > v[4]) then
    v[1], v[4] = by, retry
  end
end

-- refuse_busy notes that a bucket, of which this is a copy, has no token.
local function refuse_busy(v, by, copy, every, burst, at)
  pass(copy, 1, every, burst, at)
  local wait = max(0, copy[3] + every - burst * every)
  if wait > 0 then
    refuse(v, by, at + wait)
  end
end

-- unbook gives back what an earlier call booked under a token, and says whether
-- there was one.
local function unbook(token)
  local r = token ~= '' and call('HGET', BOOKINGS, token)
  if not r then
    return false
  end
  local b = decode(r)
  if b[3] == 1 then
    give_back(whereabouts(b[2], b[7]), 'pending', b[6])
  end
  call('HDEL', BOOKINGS, token)
  return true
end

-- heed holds an admission to what its recipient wishes.
local function heed(v, wishes, number, topics, opt_in)
  local granted = opt_in == ''
  for i = 1, #wishes, WISH do
    local topic, yes, at, rests = wishes[i], wishes[i + 1] == 1, wishes[i + 2], wishes[i + 3]
    if now < rests and topic == 'pair/' .. number then
      refuse(v, PAIR_BUSY, rests)
    end
    if topic == opt_in and at ~= NONE and yes then
      granted = true
    end
    if place(topics, topic, 1) then
      if at ~= NONE and not yes then
        refuse(v, UNWANTED, NONE)
      elseif now < rests then
        refuse(v, UNWANTED, rests)
      end
    end
  end
  if not granted then
    refuse(v, NOT_ASKED_FOR, NONE)
  end
end

-- limited decides whether a notification counts, and whether there is a slot for
-- it, at the time at which all else lets it pass.
local function limited(v, p, who, number, limit, holders_pass, at)
  local ends = window_end(p, number, now)
  if ends and ends > at + 60000000 then -- governor.WindowMargin
    return
  end
  v[2] = 1
  if v[3] < limit and full_until <= at then
    return
  end
  local free = NONE
  if v[3] < limit then
    free = now
  else
    free = free_at(limit, 1)
  end
  if free ~= NONE then
    free = max(free, full_until)
    if free <= at then
      return
    end
  end
  if holders_pass then
    local h = holder(who)
    if h.stamp and at < (h.stamp + DAY) * 1000 then
      return
    end
  end
  refuse(v, OVER_LIMIT, free)
end

local function admit(op)
  local _, token, decided_on, told, stamp, not_before, number, who, reply, limit, holders_pass,
    number_every, number_burst, pair_every, pair_burst, topics, opt_in, probe = unpack(op, 1, 18)
  if version > decided_on then
    return {STALE, 0, 0, NONE, version, call('HGET', ACCOUNT, 'state')}
  end
  local lead = ahead(told)
  told, stamp, not_before = told - lead, behind_ms(stamp, lead), not_before - lead
  advance(told)
  local at = pace(told)
  -- An admission whose answer was lost is decided anew, but pays no rate again.
  local paid = probe == 0 and unbook(token)
  who = canonical(who)
  local p = person(who)
  local v = {ADMITTED, 0, count(), NONE}

  -- First what time can only open, then what it may close until that has opened.
  heed(v, p[3], number, topics, opt_in)
  if not paid and number_every > 0 then
    -- A new rate holds from the first send that is asked for, even if refused.
    local i = number_bucket(number)
    if probe == 0 then
      pass(numbers, i, number_every, number_burst, at)
      changed[number] = true
    end
    refuse_busy(v, NUMBER_BUSY, copy_of(numbers, i), number_every, number_burst, at)
  end
  local pair = not paid and pair_every > 0 and place(p[1], number, BUCKET)
  if pair then
    if probe == 0 and p[1][pair + 1] > at then
      -- The clock was ahead and has been followed back. The bucket fills up from
      -- now on, or else it would not before the false time comes true.
      p[1][pair + 1] = at
      remember(who, p)
    end
    refuse_busy(v, PAIR_BUSY, copy_of(p[1], pair), pair_every, pair_burst, at)
  end
  if reply == 0 then
    limited(v, p, who, number, limit, holders_pass == 1, max(now, v[4], not_before))
  else
    local ends = window_end(p, number, told)
    if ends and max(told, v[4], not_before) >= ends then
      refuse(v, REPLY_CLOSED, NONE)
    end
  end
  if v[1] ~= ADMITTED or probe == 1 then
    v[4] = back(v[4], lead)
    return v
  end

  local booked = NEVER
  if v[2] == 1 then
    -- The limit has been held above; here it must only not refuse a slot
    -- holder's repeat.
    booked = reserve(who, stamp, limit) or NEVER
    v[3] = count()
  end
  if token ~= '' then
    call('HSET', BOOKINGS, token, pack({number, who, v[2], reply, now, booked, merges}))
  end
  if not paid and number_every > 0 then
    take(numbers, number_bucket(number))
  end
  if not paid and pair_every > 0 then
    local i = bucket(p[1], number)
    pass(p[1], i, pair_every, pair_burst, at)
    take(p[1], i)
    remember(who, p)
  end
  return v
end
