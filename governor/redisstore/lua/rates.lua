-- Token buckets, told by what they lack: debt is how long a bucket takes to fill
-- up again from at on, at one token each every and burst of them, all in whole
-- microseconds. A bucket is a record in a flat list, {key, at, debt, every,
-- burst}; these functions are told where its key stands.
local BUCKET = 5

-- part is floor(a*b/c) for a product that Lua cannot hold, by long division in
-- digits of twelve bits. 0 <= b < c.
local function part(a, b, c)
  local whole, rest, digit = 0, 0, 1
  while digit * 4096 <= a do
    digit = digit * 4096
  end
  while digit >= 1 do
    local d = floor(a / digit)
    a = a - d * digit
    rest = rest * 4096 + d * b
    local q = floor(rest / c)
    whole, rest = whole * 4096 + q, rest - q * c
    digit = digit / 4096
  end
  return whole
end

-- pass brings a bucket to a time and to a rate. It then holds as many tokens as
-- before, or as the rate has room for. A clock that goes back fills nothing.
local function pass(list, i, every, burst, at)
  local debt = max(0, list[i + 2] - max(0, at - list[i + 1]))
  local was = list[i + 3]
  if was > 0 and (was ~= every or list[i + 4] ~= burst) then
    local held = list[i + 4] * was - debt
    local tokens = floor(held / was)
    debt = max(0, burst * every - every * tokens - part(every, held - tokens * was, was))
  end
  list[i + 1], list[i + 2], list[i + 3], list[i + 4] = at, debt, every, burst
end

-- bucket finds the bucket of a number in a list, or adds a full one.
local function bucket(list, number)
  local i = place(list, number, BUCKET)
  if not i then
    i = #list + 1
    list[i], list[i + 1], list[i + 2], list[i + 3], list[i + 4] = number, 0, 0, 0, 0
  end
  return i
end

local function copy_of(list, i)
  return {list[i], list[i + 1], list[i + 2], list[i + 3], list[i + 4]}
end

local function take(list, i)
  list[i + 2] = list[i + 2] + list[i + 3]
end

-- full says whether a bucket is as good as none.
local function full(list, i, at)
  return list[i + 2] <= max(0, at - list[i + 1])
end

-- The buckets of numbers, which are few, are read once a call and written at its end.
local numbers, changed = {}, {}

local function number_bucket(number)
  local i = place(numbers, number, BUCKET)
  if i then
    return i
  end
  local r = call('HGET', ACCOUNT, 'number:' .. number)
  i = bucket(numbers, number)
  if r then
    r = decode(r)
    for f = 1, 4 do
      numbers[i + f] = r[f]
    end
  end
  return i
end

local function write_numbers()
  for number in pairs(changed) do
    local i = place(numbers, number, BUCKET)
    call('HSET', ACCOUNT, 'number:' .. number, pack({numbers[i + 1], numbers[i + 2], numbers[i + 3], numbers[i + 4]}))
  end
end
