-- The account as it was left, and its clock.

-- open reads the account.
open = function()
  local r = redis.call('HGET', ACCOUNT, 'ledger')
  if r then
    L.now, L.paced, L.version, L.merges, L.changes, L.epoch, L.full_until, L.known, L.owed, L.hand, L.cursor, L.effort,
      L.used, L.first = struct.unpack('>dddddddBHBdBdd', r)
    L.used = L.used >= 0 and L.used
  end
  L.gone = math.floor(L.now / 1000) - DAY
  L.soon = math.ceil(L.now / 1000)
  local time = redis.call('TIME')
  L.server = time[1] * 1000000 + time[2]
end,

-- close writes the account down. One that was only looked for does not come into
-- being.
close = function()
  if L.now == NONE and L.version == 0 then
    return
  end
  redis.call('HSET', ACCOUNT, 'ledger', struct.pack('>dddddddBHBdBdd',
    L.now, L.paced, L.version, L.merges, L.changes, L.epoch, L.full_until, L.known, L.owed, L.hand, L.cursor, L.effort, L.used or -1, L.first))
end,

-- count counts the holders. Who has lapsed may still be listed: taking many out
-- at once would stall the server, see sweep.lua.
count = function()
  if not L.used then
    L.used = redis.call('ZCOUNT', SLOTS, L.gone + 1, '+inf')
    -- Where slots lapse all the time, looking for the next would be in vain.
    if L.used == L.was and L.used > 0 then
      L.first = L.nth(0)
    else
      L.first = L.used > 0 and NEVER or FOREVER
    end
  end
  return L.used
end,

-- advance moves the account's clock, never back.
advance = function(told)
  if told > L.now then
    L.now = told
    L.soon = math.ceil(told / 1000)
    local gone = math.floor(told / 1000) - DAY
    if gone ~= L.gone then
      L.gone = gone
      if gone >= L.first and L.used then
        L.was, L.used = L.used, false
      end
    end
  end
end,

-- pace follows a clock back that had jumped ahead by more than clocks differ: no
-- conversation waits until the jump comes true.
pace = function(told)
  if told > L.paced or L.paced - told > SKEW then
    L.paced = told
  end
  return L.paced
end,
