-- What is asked.

usage = function(op)
  local _, limit, told, need, points = unpack(op, 1, 5)
  local lead = L.ahead(told)
  L.advance(told - lead)
  local next_free = NONE
  if L.count() > 0 then
    next_free = (L.nth(0) + DAY) * 1000
  end
  local free = L.free_at(limit, math.max(1, need))
  if free ~= NONE then
    free = math.max(free, L.full_until)
  end
  local answer = {L.used, L.back(next_free, lead), L.back(free, lead)}
  points = math.min(points, L.used, MAX_POINTS)
  for i = 1, points do
    local n = math.floor(L.used * i / points)
    answer[#answer + 1] = L.back((L.nth(n - 1) + DAY) * 1000, lead)
    answer[#answer + 1] = n
  end
  return answer
end,

consents = function(op)
  local told = op[3]
  local lead = L.ahead(told)
  L.advance(told - lead)
  local wishes, answer = L.person(L.canonical(op[2]))[3], {}
  for i = 1, #wishes, WISH do
    local rests = NONE
    if L.now < wishes[i + 3] then
      rests = wishes[i + 3]
    end
    if wishes[i + 2] ~= NONE or rests ~= NONE then
      answer[#answer + 1] = wishes[i]
      answer[#answer + 1] = wishes[i + 1]
      answer[#answer + 1] = wishes[i + 2]
      answer[#answer + 1] = L.back(rests, lead)
    end
  end
  return answer
end,

-- TALLIES has, by day since 1970, {peak, {name, count, ...}}.

kept_day = function(day)
  return L.now - day * DAY_US < TALLY_DAYS * DAY_US
end,

tally = function(op)
  local _, day, told, peak, counts = unpack(op, 1, 5)
  L.advance(told - L.ahead(told))
  if not L.kept_day(day) then
    return {}
  end
  for _, other in ipairs(redis.call('HKEYS', TALLIES)) do
    if not L.kept_day(tonumber(other)) then
      redis.call('HDEL', TALLIES, other)
    end
  end
  local field = string.format('%.0f', day)
  local r = redis.call('HGET', TALLIES, field)
  local d = r and cmsgpack.unpack(r) or {0, {}}
  d[1] = math.max(d[1], peak)
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
  redis.call('HSET', TALLIES, field, cmsgpack.pack(d))
  return {}
end,

tallies = function(op)
  local told = op[2]
  L.advance(told - L.ahead(told))
  local all, answer = redis.call('HGETALL', TALLIES), {}
  for i = 1, #all, 2 do
    local day = tonumber(all[i])
    if L.kept_day(day) then
      local d = cmsgpack.unpack(all[i + 1])
      answer[#answer + 1] = day
      answer[#answer + 1] = d[1]
      answer[#answer + 1] = d[2]
    end
  end
  return answer
end,

load_state = function()
  return {L.version, redis.call('HGET', ACCOUNT, 'state') or ''}
end,

save_state = function(op)
  if op[2] ~= L.version then
    return {0, L.version, redis.call('HGET', ACCOUNT, 'state') or ''}
  end
  L.version = L.version + 1
  redis.call('HSET', ACCOUNT, 'state', op[3])
  return {1, L.version, op[3]}
end,
