-- Token buckets, told by what they lack: debt is how long a bucket takes to fill
-- up again from at on, at one token each every and burst of them, all in whole
-- microseconds. A bucket is a record in a flat list, {key, at, debt, every,
-- burst}; these functions are told where its key stands.

-- part is floor(a*b/c) for a product that Lua cannot hold, by long division in
-- digits of twelve bits. 0 <= b < c.
part = function(a, b, c)
  local whole, rest, digit = 0, 0, 1
  while digit * 4096 <= a do
    digit = digit * 4096
  end
  while digit >= 1 do
    local d = math.floor(a / digit)
    a = a - d * digit
    rest = rest * 4096 + d * b
    local q = math.floor(rest / c)
    whole, rest = whole * 4096 + q, rest - q * c
    digit = digit / 4096
  end
  return whole
end,

-- pass brings a bucket to a time and to a rate. It then holds as many tokens as
-- before, or as the rate has room for.
pass = function(list, i, every, burst, at)
  local debt = math.max(0, list[i + 2] - math.max(0, at - list[i + 1]))
  local was = list[i + 3]
  if was > 0 and (was ~= every or list[i + 4] ~= burst) then
    local held = list[i + 4] * was - debt
    local tokens = math.floor(held / was)
    debt = math.max(0, burst * every - every * tokens - L.part(every, held - tokens * was, was))
  end
  list[i + 1], list[i + 2], list[i + 3], list[i + 4] = at, debt, every, burst
end,

-- bucket finds the bucket of a number in a list, or adds a full one.
bucket = function(list, number)
  local i = L.place(list, number, BUCKET)
  if not i then
    i = #list + 1
    list[i], list[i + 1], list[i + 2], list[i + 3], list[i + 4] = number, 0, 0, 0, 0
  end
  return i
end,

-- pair_bucket finds the bucket of a pair, nil if there is none. One that is full is
-- as good as none, whatever its rate was: it may have been forgotten just as well.
pair_bucket = function(list, number, at)
  local i = L.place(list, number, BUCKET)
  if i and L.idle(list, i, at) then
    list[i + 2], list[i + 3] = 0, 0
  end
  return i
end,

-- put_back undoes what was done to a bucket since it was copied.
put_back = function(list, i, was)
  for f = 1, BUCKET do
    list[i + f - 1] = was[f]
  end
end,

take = function(list, i)
  list[i + 2] = list[i + 2] + list[i + 3]
end,

-- idle says whether a bucket is full, and as good as none.
idle = function(list, i, at)
  return list[i + 2] <= math.max(0, at - list[i + 1])
end,

-- change notes that the bucket of a number is to be written down.
change = function(number)
  L.changed = L.changed or {}
  L.changed[number] = true
end,

-- number_bucket finds the bucket of a number in L.numbers. They are few, are read
-- once a call, and written at its end.
number_bucket = function(number)
  L.numbers = L.numbers or {}
  local i = L.place(L.numbers, number, BUCKET)
  if i then
    return i, L.numbers
  end
  local r = redis.call('HGET', ACCOUNT, 'number:' .. number)
  i = L.bucket(L.numbers, number)
  if r then
    r = cmsgpack.unpack(r)
    for f = 1, 4 do
      L.numbers[i + f] = r[f]
    end
  end
  return i, L.numbers
end,

write_numbers = function()
  for number in pairs(L.changed) do
    local i = L.place(L.numbers, number, BUCKET)
    redis.call('HSET', ACCOUNT, 'number:' .. number, cmsgpack.pack({L.numbers[i + 1], L.numbers[i + 2], L.numbers[i + 3], L.numbers[i + 4]}))
  end
end,

-- take_over finds the pace of an account that an earlier version has written down,
-- which knows of nothing gained. It may be beside this one and do so again and
-- again: then the pace goes on from where this one left it, or else it would stand
-- still. Otherwise buckets may be of any time that such a version was told.
take_over = function()
  local paced, gained = L.paced, L.now - L.paced
  local r = redis.call('HGET', ACCOUNT, 'pace')
  if r then
    local was_paced, was_gained = struct.unpack('>dd', r)
    if was_paced + was_gained >= L.now then
      paced, gained = was_paced, was_gained
    end
  end
  L.paced, L.gained = paced, gained
end,
