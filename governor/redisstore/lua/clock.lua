-- The account as it was left, and its clock.

-- open reads the account.
open = function()
  local r = redis.call('HGET', ACCOUNT, 'ledger')
  if r then
    L.now, L.paced, L.version, L.merges, L.changes, L.epoch, L.full_until, L.known, L.owed, L.hand, L.cursor, L.effort,
      L.used, L.first = struct.unpack('>dddddddBHBdBdd', r)
    L.used = L.used >= 0 and L.used
    if #r > LEDGER then
      L.gained = struct.unpack('>d', r, LEDGER + 1)
    elseif L.paced ~= NONE then
      L.take_over()
    end
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
  redis.call('HSET', ACCOUNT, 'ledger', struct.pack('>dddddddBHBdBddd',
    L.now, L.paced, L.version, L.merges, L.changes, L.epoch, L.full_until, L.known, L.owed, L.hand, L.cursor, L.effort, L.used or -1, L.first, L.gained))
  if L.gained > 0 then
    redis.call('HSET', ACCOUNT, 'pace', struct.pack('>dd', L.paced, L.gained)) -- see take_over
  end
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

-- pace moves the time that rates go by, and returns it. It never goes back: so no
-- bucket is of a time to come, and one that has once been full can be forgotten.
-- A clock that goes back by more than clocks differ had jumped ahead, and is
-- followed from where it is: the pace, gained before paced, stands still and goes on
-- as that clock does, or else conversations would have to wait until the jump
-- comes true. Should that clock be found where the pace has got to, it was the
-- way back that was false, and what lies between has been gone through once.
pace = function(told)
  local at = L.paced + L.gained
  if told >= at - SKEW then
    L.paced, L.gained = math.max(told, at), 0
  elseif told > L.paced then
    L.paced = told
  elseif told < L.paced - SKEW then
    L.paced, L.gained = told, at - told
  end
  return L.paced + L.gained
end,
