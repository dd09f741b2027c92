-- What the answer to a send can change beside its stamp.

-- commit stamps a booked send again when its answer came, never back, and from
-- then on it counts as made. One that had lapsed takes its slot again, past the
-- limit. One without a message ID cannot be given back: nothing will name it. It
-- returns the stamp and who has it.
commit = function(b, stamp, id)
  local booked_for, at, placed = b[2], b[5], b[6]
  if at == NEVER then
    return NEVER, booked_for, placed
  end
  local who, h = L.whereabouts(booked_for, placed), false
  if at > L.gone then
    h = L.holder(who)
    if not h.stamp or not L.remove(h.pending, at) then
      return at, booked_for, placed
    end
    stamp = math.max(at, stamp)
  elseif stamp > L.gone then
    h, placed = L.holder(booked_for), L.merges
  else
    return at, booked_for, placed
  end
  if id ~= '' then
    L.insert(h.committed, stamp)
  else
    h.fixed = math.max(h.fixed, stamp)
  end
  L.keep(h)
  L.changes = L.changes + 1
  return stamp, booked_for, placed
end,

-- meet brings a booking in line with what the answer shows: who it was that got
-- the message, and whether the service window that spared it a slot was still
-- open when it went.
meet = function(b, answered, stamp, stamp_us)
  local who = L.canonical(answered ~= '' and answered or b[2])
  local again = false
  if b[3] == 1 then
    -- One spelling has turned out to be two people: the message went to the
    -- other one.
    again = L.canonical(b[2]) ~= who
    if again then
      L.give_back(L.whereabouts(b[2], b[6]), 'pending', b[5])
    end
  elseif b[4] == 0 then
    local ends = L.window_end(L.person(who), b[1], stamp_us)
    again = not ends or ends <= stamp_us
  end
  if again then
    local booked = L.reserve(who, stamp, math.huge)
    b[3] = (b[3] == 1 or booked) and 1 or 0
    b[5], b[6] = booked or NEVER, L.merges
    b[2] = who
  end
  return who
end,

-- learn takes up what an answer teaches of spellings.
learn = function(recipient, answered, confirmed, told)
  if confirmed == 1 then
    L.confirm(recipient)
  elseif answered ~= '' and answered ~= recipient then
    L.same_person(recipient, answered, told)
  end
end,

-- early takes up the failure of a message that came before its answer, and says
-- whether there was one.
early = function(id)
  local noted = tonumber(redis.call('HGET', NOTES, id)) or 0
  if noted < EARLY then
    return false
  end
  if noted == EARLY then
    redis.call('HDEL', NOTES, id)
  else
    redis.call('HSET', NOTES, id, string.format('%.0f', noted - EARLY))
  end
  return true
end,
