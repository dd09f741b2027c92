-- How an admitted send ended.

-- book_message remembers a message while its slot can still be given back:
-- {recipient, stamp, who the stamp was booked for, mergers, delivered}.
local function book_message(id, who, stamp, holder_, placed)
  call('HSET', MESSAGES, id, pack({who, stamp, holder_, placed, 0}))
end

-- commit stamps a booked send again when its answer came, never back, and from
-- then on it counts as made. One that had lapsed takes its slot again, past the
-- limit. It returns the stamp and who has it.
local function commit(b, stamp)
  local booked_for, at, placed = b[2], b[6], b[7]
  if at == NEVER then
    return NEVER, booked_for, placed
  end
  local who, h = whereabouts(booked_for, placed), nil
  if at > gone then
    h = holder(who)
    if not h.stamp or not remove(h.pending, at) then
      return at, booked_for, placed
    end
    stamp = max(at, stamp)
  elseif stamp > gone then
    h, placed = holder(booked_for), merges
  else
    return at, booked_for, placed
  end
  insert(h.committed, stamp)
  keep(h)
  changes = changes + 1
  return stamp, booked_for, placed
end

-- meet brings a booking in line with what the answer shows: who it was that got
-- the message, and whether the service window that spared it a slot was still
-- open when it went.
local function meet(b, answered, stamp, stamp_us)
  local who = canonical(answered ~= '' and answered or b[2])
  local again = false
  if b[3] == 1 then
    -- One spelling has turned out to be two people: the message went to the
    -- other one.
    again = canonical(b[2]) ~= who
    if again then
      give_back(whereabouts(b[2], b[7]), 'pending', b[6])
    end
  elseif b[4] == 0 then
    local ends = window_end(person(who), b[1], stamp_us)
    again = not ends or ends <= stamp_us
  end
  if again then
    local booked = reserve(who, stamp, math.huge)
    b[3] = (b[3] == 1 or booked) and 1 or 0
    b[6], b[7] = booked or NEVER, merges
    b[2] = who
  end
  return who
end

local function settle(op)
  local _, token, told, sent, stamp, stamp_us, id, recipient, answered, confirmed = unpack(op, 1, 10)
  local lead = ahead(told)
  advance(told - lead)
  if sent == 0 then
    unbook(token)
    return {}
  end
  stamp, stamp_us = behind_ms(stamp, lead), behind(stamp_us, lead)
  if confirmed == 1 then
    confirm(recipient)
  elseif answered ~= '' and answered ~= recipient then
    same_person(recipient, answered)
  end
  local r = token ~= '' and call('HGET', BOOKINGS, token)
  if not r then
    return {}
  end
  local b = decode(r)
  local who = meet(b, answered, stamp, stamp_us)
  if b[3] == 0 then
    if id ~= '' then
      note_sort(id, b[4] == 1 and 2 or 1)
    end
  else
    local early = id ~= '' and tonumber(call('HGET', NOTES, id)) or 0
    if early >= EARLY then
      give_back(whereabouts(b[2], b[7]), 'pending', b[6])
      if early == EARLY then
        call('HDEL', NOTES, id)
      else
        call('HSET', NOTES, id, string.format('%.0f', early - EARLY))
      end
    else
      local at, booked_for, placed = commit(b, stamp)
      if id ~= '' then
        book_message(id, who, at, booked_for == who and '' or booked_for, placed)
      end
    end
  end
  call('HDEL', BOOKINGS, token)
  return {}
end
