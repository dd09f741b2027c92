-- Spellings that stand for somebody else: ALIASES has, by spelling, {whom, the
-- number of the merger, whether it has turned out to stand for two}. One that
-- stands for two is a person of its own until an answer tells who it was.
local MAX_ALIASES = 131072

local function alias_of(spelling)
  if merges == 0 then
    return nil
  end
  local r = call('HGET', ALIASES, spelling)
  return r and decode(r) or nil
end

-- canonical follows the spellings learned to the one that counts.
local function canonical(who)
  local a = alias_of(who)
  while a and a[3] == 0 do
    who = a[1]
    a = alias_of(who)
  end
  return who
end

-- whereabouts is who has a send now that was placed with somebody when there had
-- been so many mergers: it went along with each later one.
local function whereabouts(who, placed)
  local a = alias_of(who)
  while a and a[2] > placed do
    who = a[1]
    a = alias_of(who)
  end
  return who
end

local function ambiguous(spelling, a)
  a[3] = 1
  call('HSET', ALIASES, spelling, pack(a))
end

-- confirm notes that the platform knows a phone number by this very spelling.
local function confirm(spelling)
  local a = alias_of(spelling)
  if a then
    ambiguous(spelling, a)
  end
end

local function same_person(spelling, whom)
  if spelling == '' or whom == '' then
    return -- nobody has no other spelling
  end
  whom = canonical(whom)
  if spelling == whom or canonical(spelling) == whom then
    return
  end
  local a = alias_of(spelling)
  if a then
    ambiguous(spelling, a)
    return
  end
  merges = merges + 1
  call('HSET', ALIASES, spelling, pack({whom, merges, 0}))
  -- One that is forgotten counts as somebody else: too many and never too few.
  if call('HLEN', ALIASES) > MAX_ALIASES then
    local other = call('HRANDFIELD', ALIASES)
    if other ~= spelling then
      call('HDEL', ALIASES, other)
    end
  end
  join(spelling, whom)
  meet_people(spelling, whom)
end
