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
local MAX_LOST = 1000 -- more than that, and nobody gets a new slot for a day
local EPOCHS = 8

local epoch = meta[5] or ''
local full_until = tonumber(meta[7]) or NONE
local lost = 0 -- changes that this call has found to be missing; negative: too many

-- fence is called before the first verb. A call that tells no time leaves it to
-- the next.
local function fence(seen_epoch, seen, told)
  if seen_epoch == epoch and seen <= changes or seen == 0 or told == NONE then
    return
  end
  local past = call('HGET', ACCOUNT, 'epochs')
  past = past and decode(past) or {}
  local known = place(past, seen_epoch, 2)
  if known and seen <= past[known + 1] then
    return
  end
  advance(told - ahead(told))
  -- What is lost was stamped by some caller's clock, or by the server's: with
  -- clocks that differ by five minutes, not after this.
  local stamp = max(now, min(server, now + 300000000))
  if known then
    lost = seen - past[known + 1]
    past[known + 1] = seen
  else
    lost = seen - changes
    if seen_epoch ~= epoch then
      -- This server has never heard of that epoch: its own changes may be
      -- others than those that the caller saw under the same numbers.
      lost = -1
    end
    table.insert(past, 1, seen)
    table.insert(past, 1, seen_epoch)
    while #past > 2 * EPOCHS do
      table.remove(past)
    end
    epoch = string.format('%.0f', max(server, (tonumber(epoch) or 0) + 1))
    call('HSET', ACCOUNT, 'epoch', epoch)
  end
  call('HSET', ACCOUNT, 'epochs', pack(past))
  if lost < 0 or lost > MAX_LOST then
    lost = -1
    full_until = stamp + DAY * 1000
    call('HSET', ACCOUNT, 'full', full_until)
  end
  for i = 1, lost do
    call('ZADD', SLOTS, ceil(stamp / 1000) + FIXED, string.format('\0lost %s %.0f', epoch, seen - i))
    used = nil
  end
  changes = max(changes, seen)
end
