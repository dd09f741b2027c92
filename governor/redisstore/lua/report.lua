-- What is asked.
local MAX_POINTS = 256

local function usage(op)
  local _, limit, told, need, points = unpack(op, 1, 5)
  local lead = ahead(told)
  advance(told - lead)
  local next_free = NONE
  if count() > 0 then
    next_free = (nth(0) + DAY) * 1000
  end
  local free = free_at(limit, max(1, need))
  if free ~= NONE then
    free = max(free, full_until)
  end
  local answer = {used, back(next_free, lead), back(free, lead)}
  points = min(points, used, MAX_POINTS)
  for i = 1, points do
    local n = floor(used * i / points)
    answer[#answer + 1] = back((nth(n - 1) + DAY) * 1000, lead)
    answer[#answer + 1] = n
  end
  return answer
end

local function consents(op)
  local told = op[3]
  local lead = ahead(told)
  advance(told - lead)
  local wishes, answer = person(canonical(op[2]))[3], {}
  for i = 1, #wishes, WISH do
    local rests = NONE
    if now < wishes[i + 3] then
      rests = wishes[i + 3]
    end
    if wishes[i + 2] ~= NONE or rests ~= NONE then
      answer[#answer + 1] = wishes[i]
      answer[#answer + 1] = wishes[i + 1]
      answer[#answer + 1] = wishes[i + 2]
      answer[#answer + 1] = back(rests, lead)
    end
  end
  return answer
end

-- TALLIES has, by day since 1970, {peak, {name, count, ...}}.
local TALLY_DAYS, MAX_NAMES = 31, 256

local function kept_day(day)
  return now - day * DAY * 1000 < TALLY_DAYS * DAY * 1000
end

local function tally(op)
  local _, day, told, peak, counts = unpack(op, 1, 5)
  advance(told - ahead(told))
  if not kept_day(day) then
    return {}
  end
  for _, other in ipairs(call('HKEYS', TALLIES)) do
    if not kept_day(tonumber(other)) then
      call('HDEL', TALLIES, other)
    end
  end
  local field = string.format('%.0f', day)
  local r = call('HGET', TALLIES, field)
  local d = r and decode(r) or {0, {}}
  d[1] = max(d[1], peak)
  local names = d[2]
  local at = {}
  for i = 1, #names, 2 do
    at[names[i]] = i
  end
  for i = 1, #counts, 2 do
    local j = at[counts[i]]
    if j then
      names[j + 1] = names[j + 1] + counts[i + 1]
    elseif #names < 2 * MAX_NAMES then
      names[#names + 1] = counts[i]
      names[#names + 1] = counts[i + 1]
    end
  end
  call('HSET', TALLIES, field, pack(d))
  return {}
end

local function tallies(op)
  local told = op[2]
  advance(told - ahead(told))
  local all, answer = call('HGETALL', TALLIES), {}
  for i = 1, #all, 2 do
    local day = tonumber(all[i])
    if kept_day(day) then
      local d = decode(all[i + 1])
      answer[#answer + 1] = day
      answer[#answer + 1] = d[1]
      answer[#answer + 1] = d[2]
    end
  end
  return answer
end

local function load_state()
  return {version, call('HGET', ACCOUNT, 'state') or ''}
end

local function save_state(op)
  if op[2] ~= version then
    return {0, version, call('HGET', ACCOUNT, 'state') or ''}
  end
  version = version + 1
  call('HSET', ACCOUNT, 'version', version, 'state', op[3])
  return {1, version, op[3]}
end
