-- Forgetting. A call looks at a few entries of one hash and drops those that no
-- answer depends on any more: the more of them, the more it has found last time, so
-- that what is kept follows what is live. No call ever drops many.

-- note remembers something of a message without a slot: one digit, the sort of
-- the message, and EARLY. Beyond MAX_NOTES others go for it, by chance: one more is
-- asked for than must go, since it may be among them itself.
note = function(id, value)
  redis.call('HSET', NOTES, id, value)
  local most = math.min(redis.call('HLEN', NOTES) - MAX_NOTES, MAX_EXPIRED)
  if most <= 0 then
    return
  end
  local drop = {}
  for _, other in ipairs(redis.call('HRANDFIELD', NOTES, most + 1)) do
    if other ~= id and #drop < most then
      drop[#drop + 1] = other
    end
  end
  redis.call('HDEL', NOTES, unpack(drop))
end,

note_sort = function(id, sort)
  local was = tonumber(redis.call('HGET', NOTES, id)) or 0
  L.note(id, string.format('%.0f', was >= EARLY and sort + EARLY or sort))
end,

-- sweep goes on through one of three hashes, whose entries begin with the time
-- until which they matter, and drops those of whom it has passed. A small hash
-- the server would hand out whole, so there it is chance that chooses.
sweep = function(verbs)
  local key = ({[0] = BOOKINGS, MESSAGES, PEOPLE})[L.hand]
  local entries, sample = false, math.ceil(verbs * L.effort / 4)
  if redis.call('HLEN', key) > 1024 then
    local r = redis.call('HSCAN', key, string.format('%.0f', L.cursor), 'COUNT', sample)
    L.cursor, entries = tonumber(r[1]), r[2]
  else
    entries = redis.call('HRANDFIELD', key, -math.min(sample, 64), 'WITHVALUES')
    L.cursor = 0
  end
  local drop, seen = {}, {}
  for i = 2, #entries, 2 do
    local field, r = entries[i - 1], entries[i]
    local over = L.hand == 2 and L.over(r) or L.hand < 2 and struct.unpack('>d', r) <= L.now
    if over and not seen[field] then
      seen[field] = true
      drop[#drop + 1] = field
      if L.hand == 1 then
        L.note_sort(field, 1)
      end
    end
  end
  if #drop > 0 then
    redis.call('HDEL', key, unpack(drop))
  end
  if 4 * #drop >= #entries / 2 and #drop > 0 then
    L.effort = math.min(MAX_EFFORT, 2 * L.effort)
  elseif 32 * #drop < #entries / 2 then
    L.effort = math.max(1, L.effort / 2)
  end
  if L.cursor == 0 then
    L.hand = (L.hand + 1) % 3
  end
end,

-- expire takes a few whose slot has lapsed off the list. However many lapse
-- together, no call takes longer for it.
expire = function(most)
  local lapsed = math.min(most, redis.call('ZCARD', SLOTS) - L.count())
  if lapsed == 0 then
    return
  end
  local first, many = redis.call('ZRANGE', SLOTS, 0, lapsed - 1, 'WITHSCORES'), {}
  for i = 1, #first, 2 do
    if tonumber(first[i + 1]) % 1 == MANY then
      many[#many + 1] = first[i]
    end
  end
  redis.call('ZREMRANGEBYRANK', SLOTS, 0, lapsed - 1)
  if #many > 0 then
    redis.call('HDEL', SENDS, unpack(many))
  end
end,
