-- A server that has lost writes it had acknowledged, because a replica without
-- them was promoted or its disk was behind, would give slots out twice. So every
-- change that takes or renews a slot is counted, and every caller brings along
-- the highest count that it has been told. A server that is behind it has lost
-- as many: for each, an unknown person is counted for a day, so that no limit is
-- passed, and no more than what was lost stays unused. What nobody was told of
-- has not been sent.
--
-- An epoch is the time between two losses. Two callers may know of the same
-- ones: the account keeps, for the epochs before, up to which change they have
-- been made up for.

-- fence is called where a caller has seen more, or another epoch. A call that
-- tells no time leaves it to the next.
fence = function(seen_epoch, seen, told)
  if told == NONE then
    return
  end
  local past = redis.call('HGET', ACCOUNT, 'epochs')
  past = past and cmsgpack.unpack(past) or {}
  local known = L.place(past, seen_epoch, 2)
  if known and seen <= past[known + 1] then
    return
  end
  L.advance(told - L.ahead(told))
  -- What is lost was stamped by some caller's clock, or by the server's: with
  -- clocks that differ by five minutes, not after this.
  local stamp = math.max(L.now, math.min(L.server, L.now + SKEW))
  if known then
    L.lost = seen - past[known + 1]
    past[known + 1] = seen
  else
    L.lost = seen - L.changes
    if seen_epoch ~= L.epoch then
      -- This server has never heard of that epoch: its own changes may be
      -- others than those that the caller saw under the same numbers.
      L.lost = -1
    end
    table.insert(past, 1, seen)
    table.insert(past, 1, seen_epoch)
    while #past > 2 * EPOCHS do
      table.remove(past)
    end
    L.epoch = math.max(L.server, L.epoch + 1)
  end
  redis.call('HSET', ACCOUNT, 'epochs', cmsgpack.pack(past))
  if L.lost < 0 or L.lost > MAX_LOST then
    L.lost = -1
    L.full_until = stamp + DAY_US
  end
  for i = 1, L.lost do
    redis.call('ZADD', SLOTS, math.ceil(stamp / 1000) + FIXED, string.format('\0lost %.0f %.0f', L.epoch, seen - i))
    L.used, L.first = false, NEVER
  end
  L.changes = math.max(L.changes, seen)
end,
