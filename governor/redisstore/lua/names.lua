-- Spellings that stand for somebody else: ALIASES has, by spelling, {whom, the
-- number of the merger, whether it has turned out to stand for two}. One that
-- stands for two is a person of its own until an answer tells who it was.
alias_of = function(spelling)
  if L.merges == 0 then
    return nil
  end
  local r = redis.call('HGET', ALIASES, spelling)
  return r and cmsgpack.unpack(r) or nil
end,

-- canonical follows the spellings learned to the one that counts.
canonical = function(who)
  local a = L.alias_of(who)
  while a and a[3] == 0 do
    who = a[1]
    a = L.alias_of(who)
  end
  return who
end,

-- whereabouts is who has a send now that was placed with somebody when there had
-- been so many mergers: it went along with each later one, in their order.
whereabouts = function(who, placed)
  local a = L.alias_of(who)
  while a and a[2] > placed do
    who, placed = a[1], a[2]
    a = L.alias_of(who)
  end
  return who
end,

ambiguous = function(spelling, a)
  a[3] = 1
  redis.call('HSET', ALIASES, spelling, cmsgpack.pack(a))
end,

-- confirm notes that the platform knows a phone number by this very spelling.
confirm = function(spelling)
  local a = L.alias_of(spelling)
  if a then
    L.ambiguous(spelling, a)
  end
end,

same_person = function(spelling, whom, told)
  if spelling == '' or whom == '' then
    return -- nobody has no other spelling
  end
  whom = L.canonical(whom)
  if spelling == whom or L.canonical(spelling) == whom then
    return
  end
  local a = L.alias_of(spelling)
  if a then
    L.ambiguous(spelling, a)
    return
  end
  L.merges = L.merges + 1
  redis.call('HSET', ALIASES, spelling, cmsgpack.pack({whom, L.merges, 0}))
  -- One that is forgotten counts as somebody else: too many and never too few.
  if redis.call('HLEN', ALIASES) > MAX_ALIASES then
    local other = redis.call('HRANDFIELD', ALIASES)
    if other ~= spelling then
      redis.call('HDEL', ALIASES, other)
    end
  end
  L.join(spelling, whom)
  L.meet_people(spelling, whom, L.pace(told))
end,
