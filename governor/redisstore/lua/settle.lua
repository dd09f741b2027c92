-- How an admitted send ended.

settle = function(op)
  local _, token, told, sent, stamp, stamp_us, id, recipient, answered, confirmed = unpack(op, 1, 10)
  local lead = 0
  if told > L.server then
    lead = L.ahead(told)
    stamp, stamp_us = L.behind_ms(stamp, lead), L.behind(stamp_us, lead)
  end
  L.advance(told - lead)
  if sent == 0 then
    L.unbook(token)
    return {}
  end
  if confirmed == 1 and L.merges > 0 or answered ~= '' and answered ~= recipient then
    L.learn(recipient, answered, confirmed, told - lead)
  end
  local r = token ~= '' and redis.call('HGET', BOOKINGS, token)
  if not r then
    return {}
  end
  local b = L.booked(r)
  local who = b[2]
  if b[3] == 0 or L.merges > 0 or answered ~= '' and answered ~= who then
    who = L.meet(b, answered, stamp, stamp_us)
  end
  if b[3] == 0 then
    if id ~= '' then
      L.note_sort(id, b[4] == 1 and 2 or 1)
    end
  elseif id ~= '' and redis.call('HEXISTS', NOTES, id) == 1 and L.early(id) then
    L.give_back(L.whereabouts(b[2], b[6]), 'pending', b[5])
  else
    local at, booked_for, placed = b[5], b[2], b[6]
    if L.merges == 0 and at > L.gone and tonumber(redis.call('ZSCORE', SLOTS, who)) == at + PENDING then
      -- Most have had this one message.
      at = math.max(at, stamp)
      redis.call('ZADD', SLOTS, at + (id ~= '' and COMMITTED or FIXED), who)
      L.changes = L.changes + 1
    else
      at, booked_for, placed = L.commit(b, stamp, id)
    end
    if id ~= '' then
      -- A message is remembered while its slot can be given back.
      redis.call('HSET', MESSAGES, id, L.message(at, who, booked_for == who and '' or booked_for, placed, 0))
    end
  end
  redis.call('HDEL', BOOKINGS, token)
  return {}
end,

-- booked reads a booking: {number, recipient, counted, reply, stamp, mergers}.
booked = function(r)
  local _, counted, reply, stamp, merges, number, who = struct.unpack('>dBBddI4c0I4c0', r)
  return {number, who, counted, reply, stamp, merges}
end,

-- message is a send that can be given back as it is written down: until when, and
-- then {stamp, recipient, who the stamp was booked for if another, mergers,
-- delivered}.
message = function(at, who, booked_for, placed, delivered)
  return struct.pack('>d', (at + DAY) * 1000) .. cmsgpack.pack({at, who, booked_for, placed, delivered})
end,
