-- The account as it was left, and its clock.
local meta = call('HMGET', ACCOUNT, 'now', 'paced', 'version', 'merges', 'epoch', 'changes', 'full', 'turn')
local now = tonumber(meta[1]) or NONE -- the latest told; never goes back
local paced = tonumber(meta[2]) or NONE -- what rates go by
local version = tonumber(meta[3]) or 0 -- of the state
local merges = tonumber(meta[4]) or 0 -- how often two people became one
local changes = tonumber(meta[6]) or 0 -- how often a slot was taken or renewed
local turn = tonumber(meta[8]) or 0 -- whose turn it is to be swept

-- write_account writes down what has changed of it; an account that was only
-- looked for does not come into being.
local function write_account()
  local fields = {}
  local function field(name, value, i)
    if value ~= (tonumber(meta[i]) or (i < 3 and NONE or 0)) then
      fields[#fields + 1] = name
      fields[#fields + 1] = value
    end
  end
  field('now', now, 1)
  field('paced', paced, 2)
  field('merges', merges, 4)
  field('changes', changes, 6)
  if #fields > 0 then
    field('turn', turn, 8)
    call('HSET', ACCOUNT, unpack(fields))
  end
end

local time = call('TIME')
local server = time[1] * 1000000 + time[2]

local gone = floor(now / 1000) - DAY -- a stamp up to here holds no slot any more
local soon = ceil(now / 1000) -- no send is stamped before this
local used, lapsed -- how many hold a slot, and how many more are listed; nil: not counted

-- ahead is by how much a caller's clock is before the server's. A caller who
-- lives in the future would free slots that others still need, so it is told
-- the time by the server.
local function ahead(told)
  return max(0, told - server)
end

-- behind takes a caller's lead off one of its times. One that has passed by the
-- server's clock is left alone, for it may be the platform's: what is too late
-- only holds a slot for longer.
local function behind(at, lead)
  if lead == 0 or at <= server then
    return at
  end
  return max(server, at - lead)
end

-- behind_ms is behind for milliseconds, rounded up.
local function behind_ms(at, lead)
  if lead == 0 then
    return at
  end
  return ceil(behind(at * 1000, lead) / 1000)
end

-- back gives a time to the caller in the terms of its own clock.
local function back(at, lead)
  if at == NONE then
    return at
  end
  return at + lead
end

local function advance(told)
  if told > now then
    now = told
    soon = ceil(now / 1000)
    local expired = floor(now / 1000) - DAY
    if expired ~= gone then
      gone, used = expired, nil
    end
  end
end

-- pace follows a clock back that had jumped ahead by more than clocks differ,
-- five minutes: no conversation waits until the jump comes true.
local function pace(told)
  if told > paced or paced - told > 300000000 then
    paced = told
  end
  return paced
end
