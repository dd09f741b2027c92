-- What the platform tells: what became of messages, who wrote, who wants what.

-- sort_of is what is known about a message, from what was remembered or else
-- from what the platform says now, which is then remembered: it names the price
-- in one of a message's statuses and not in all.
sort_of = function(id, told, remembered)
  if remembered then
    return 1
  end
  local noted = tonumber(redis.call('HGET', NOTES, id)) or 0
  local sort = noted % EARLY
  if sort == 0 and told ~= 0 then
    L.note(id, string.format('%.0f', noted + told))
    return told
  end
  return sort
end,

-- spared says whether a delivery fell into a customer service window, as it
-- stood at that time.
spared = function(who, number, at)
  local ends = L.window_end(L.person(who), number, at)
  return ends and ends > at + MARGIN and at >= ends - DAY_US
end,

deliver = function(op)
  local _, number, id, recipient, at, stamp, told, only_sent, failed, sort = unpack(op, 1, 10)
  local lead = L.ahead(told)
  L.advance(told - lead)
  at, stamp = L.behind(at, lead), L.behind_ms(stamp, lead)
  local r = redis.call('HGET', MESSAGES, id)
  local m, who, h = nil, nil, nil
  if r then
    m = L.record(r)
    -- Known is a message whose send still counts and could be given back.
    who = L.whereabouts(m[3] == '' and m[2] or m[3], m[4])
    if m[1] > L.gone then
      h = L.holder(who)
      if not (h.stamp and L.remove(h.committed, m[1])) then
        h = nil
      end
    end
  end
  sort = L.sort_of(id, sort, r)
  if sort == 2 or only_sent == 1 and not h then
    return {} -- one whose answer is still to come is stamped by that
  end
  if failed == 1 then
    if not h then
      L.note(id, string.format('%.0f', (tonumber(redis.call('HGET', NOTES, id)) or 0) % EARLY + EARLY))
    elseif m[5] == 0 then -- else it has been seen to arrive
      L.keep(h)
      redis.call('HDEL', MESSAGES, id)
      L.note_sort(id, 1) -- should it arrive after all
    end
    return {}
  end
  if h then
    if m[5] == 1 then
      return {} -- the platform counts the delivery, not that it was read
    end
    m[5] = 1 - only_sent
    if not L.spared(L.canonical(m[2]), number, at) then
      -- Its own stamp moves, so that it is remembered as long as its slot is
      -- held, and no longer.
      m[1] = math.max(m[1], stamp)
      L.insert(h.committed, m[1])
      L.keep(h)
      L.changes = L.changes + 1
    end
    redis.call('HSET', MESSAGES, id, L.message(unpack(m)))
    return {}
  end
  if recipient == '' then
    return {}
  end
  recipient = L.canonical(recipient)
  if sort == 0 and not L.holder(recipient).stamp then
    return {}
  end
  if not L.spared(recipient, number, at) then
    L.renew(recipient, stamp)
  end
  return {}
end,

inbound = function(op)
  local _, number, customer, uncertain, at, told, every, burst = unpack(op, 1, 8)
  told = told - L.ahead(told)
  L.advance(told)
  customer = L.canonical(customer)
  local p = L.person(customer)
  local again = L.window_end(p, number, told) == at + DAY_US
  local wrote = math.floor(math.min(at, told) / 1000)
  if uncertain == 1 then
    local i = L.place(p[2], number, WINDOW)
    again = i and p[2][i + 2] >= wrote
    L.heard(p, number, NEVER, wrote, NEVER)
  else
    L.heard(p, number, wrote, NEVER, NEVER)
  end
  L.remember(customer, p)
  -- The platform's timestamps are in whole seconds, and the bucket refills
  -- within one: what is older has been made up for.
  if not again and told - at < 2000000 and every > 0 then
    local paced_at, i = L.pace(told), L.number_bucket(number)
    L.pass(L.numbers, i, every, burst, paced_at)
    L.change(number)
    if L.numbers[i + 2] < 2 * burst * every then
      L.take(L.numbers, i)
    end
  end
  return {}
end,

close_window = function(op)
  local _, number, customer, at = unpack(op, 1, 4)
  at = at - L.ahead(at)
  L.advance(at)
  customer = L.canonical(customer)
  local p = L.person(customer)
  L.heard(p, number, NEVER, NEVER, math.floor(at / 1000))
  L.remember(customer, p)
  return {}
end,

-- rest lengthens a cool-down, by backoff each time four times as long as the one
-- before if that has not been over for long.
rest = function(w, i, at, ends, backoff)
  local rests, strikes = w[i + 3], w[i + 4]
  if rests == NONE or at - rests > STRIKE then
    strikes, w[i + 4] = 0, 0
  end
  if backoff == 1 then
    if at < rests then
      return -- refused together with what brought the cool-down
    end
    local length = ends - at
    for _ = 1, strikes do
      length = math.min(4 * length, DAY_US)
    end
    w[i + 4] = strikes + 1
    ends = at + length
  end
  w[i + 3] = math.max(rests, ends)
end,

consent = function(op)
  local _, recipient, topic, granted, at, told, ends, backoff = unpack(op, 1, 8)
  local lead = L.ahead(told)
  L.advance(told - lead)
  if ends ~= NONE then
    ends = ends - (at - L.behind(at, lead))
  end
  at = L.behind(at, lead)
  recipient = L.canonical(recipient)
  local p = L.person(recipient)
  local w = p[3]
  local i = L.wish(w, topic)
  if granted == 0 and ends ~= NONE then
    L.rest(w, i, at, ends, backoff)
  elseif at > w[i + 2] or at == w[i + 2] and (at == NONE or granted == 0) then
    w[i + 1], w[i + 2] = granted, at
    if granted == 1 and w[i + 3] <= at then
      w[i + 3], w[i + 4] = NONE, 0
    elseif granted == 1 then
      w[i + 3], w[i + 4] = at, 0
    end
  end
  L.remember(recipient, p)
  return {}
end,

alias = function(op)
  local told = op[4] - L.ahead(op[4])
  L.advance(told)
  L.same_person(op[2], op[3], told)
  return {}
end,
