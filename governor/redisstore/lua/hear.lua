-- What the platform tells: what became of messages, who wrote, who wants what.

-- sort_of is what is known about a message, from what was remembered or else
-- from what the platform says now, which is then remembered: it names the price
-- in one of a message's statuses and not in all.
local function sort_of(id, told, remembered)
  if remembered then
    return 1
  end
  local noted = tonumber(call('HGET', NOTES, id)) or 0
  local sort = noted % EARLY
  if sort == 0 and told ~= 0 then
    note(id, string.format('%.0f', noted + told))
    return told
  end
  return sort
end

-- spared says whether a delivery fell into a customer service window, as it
-- stood at that time.
local function spared(who, number, at)
  local ends = window_end(person(who), number, at)
  return ends and ends > at + 60000000 and at >= ends - DAY * 1000
end

local function deliver(op)
  local _, number, id, recipient, at, stamp, told, only_sent, failed, sort = unpack(op, 1, 10)
  local lead = ahead(told)
  advance(told - lead)
  at, stamp = behind(at, lead), behind_ms(stamp, lead)
  local r = call('HGET', MESSAGES, id)
  local m, who, h = nil, nil, nil
  if r then
    m = decode(r)
    -- Known is a message whose send still counts and could be given back.
    who = whereabouts(m[3] == '' and m[1] or m[3], m[4])
    if m[2] > gone then
      h = holder(who)
      if not (h.stamp and remove(h.committed, m[2])) then
        h = nil
      end
    end
  end
  sort = sort_of(id, sort, r)
  if sort == 2 or only_sent == 1 and not h then
    return {} -- one whose answer is still to come is stamped by that
  end
  if failed == 1 then
    if not h then
      note(id, string.format('%.0f', (tonumber(call('HGET', NOTES, id)) or 0) % EARLY + EARLY))
    elseif m[5] == 0 then -- else it has been seen to arrive
      keep(h)
      call('HDEL', MESSAGES, id)
      note_sort(id, 1) -- should it arrive after all
    end
    return {}
  end
  if h then
    if m[5] == 1 then
      return {} -- the platform counts the delivery, not that it was read
    end
    m[5] = 1 - only_sent
    if not spared(canonical(m[1]), number, at) then
      -- Its own stamp moves, so that it is remembered as long as its slot is
      -- held, and no longer.
      m[2] = max(m[2], stamp)
      insert(h.committed, m[2])
      keep(h)
      changes = changes + 1
    end
    call('HSET', MESSAGES, id, pack(m))
    return {}
  end
  if recipient == '' then
    return {}
  end
  recipient = canonical(recipient)
  if sort == 0 and not holder(recipient).stamp then
    return {}
  end
  if not spared(recipient, number, at) then
    renew(recipient, stamp)
  end
  return {}
end

local function inbound(op)
  local _, number, customer, uncertain, at, told, every, burst = unpack(op, 1, 8)
  told = told - ahead(told)
  advance(told)
  customer = canonical(customer)
  local p = person(customer)
  local again = window_end(p, number, told) == at + DAY * 1000
  local wrote = floor(min(at, told) / 1000)
  if uncertain == 1 then
    local i = place(p[2], number, WINDOW)
    again = i and p[2][i + 2] >= wrote
    heard(p, number, NEVER, wrote, NEVER)
  else
    heard(p, number, wrote, NEVER, NEVER)
  end
  remember(customer, p)
  -- The platform's timestamps are in whole seconds, and the bucket refills
  -- within one: what is older has been made up for.
  if not again and told - at < 2000000 and every > 0 then
    local paced_at, i = pace(told), number_bucket(number)
    pass(numbers, i, every, burst, paced_at)
    changed[number] = true
    if numbers[i + 2] < 2 * burst * every then
      take(numbers, i)
    end
  end
  return {}
end

local function close_window(op)
  local _, number, customer, at = unpack(op, 1, 4)
  at = at - ahead(at)
  advance(at)
  customer = canonical(customer)
  local p = person(customer)
  heard(p, number, NEVER, NEVER, floor(at / 1000))
  remember(customer, p)
  return {}
end

-- rest lengthens a cool-down, by backoff each time four times as long as the one
-- before if that has not been over for long.
local function rest(w, i, at, ends, backoff)
  local rests, strikes = w[i + 3], w[i + 4]
  if backoff == 1 then
    if rests ~= NONE and at < rests then
      return -- refused together with what brought the cool-down
    end
    if rests == NONE or at - rests > STRIKE then
      strikes = 0
    end
    local length = ends - at
    for _ = 1, strikes do
      length = min(4 * length, DAY * 1000)
    end
    w[i + 4] = strikes + 1
    ends = at + length
  end
  w[i + 3] = max(rests, ends)
end

local function consent(op)
  local _, recipient, topic, granted, at, told, ends, backoff = unpack(op, 1, 8)
  local lead = ahead(told)
  advance(told - lead)
  if ends ~= NONE then
    ends = ends - (at - behind(at, lead))
  end
  at = behind(at, lead)
  recipient = canonical(recipient)
  local p = person(recipient)
  local w = p[3]
  local i = wish(w, topic)
  if granted == 0 and ends ~= NONE then
    rest(w, i, at, ends, backoff)
  elseif at > w[i + 2] or at == w[i + 2] and (at == NONE or granted == 0) then
    w[i + 1], w[i + 2] = granted, at
    if granted == 1 and w[i + 3] <= at then
      w[i + 3], w[i + 4] = NONE, 0
    elseif granted == 1 then
      w[i + 3], w[i + 4] = at, 0
    end
  end
  remember(recipient, p)
  return {}
end

local function alias(op)
  local told = op[4]
  advance(told - ahead(told))
  same_person(op[2], op[3])
  return {}
end
