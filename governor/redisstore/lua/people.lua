-- What is known of people beside their slots: PEOPLE has, by who they are,
-- {pairs, windows, wishes}. All three are flat lists: the buckets of the numbers
-- that sent to them lately; {number, inbound, maybe, shut}, when they last wrote,
-- may have written, and were last said to have no open window; and {topic,
-- granted, at, rests, strikes}, the newest word on a topic and a cool-down.
local WINDOW, WISH = 4, 5
local WEEK = 7 * DAY

local function person(who)
  local r = call('HGET', PEOPLE, who)
  if r then
    return decode(r)
  end
  return {{}, {}, {}}
end

local function remember(who, p)
  if #p[1] + #p[2] + #p[3] > 0 then
    call('HSET', PEOPLE, who, pack(p))
  else
    call('HDEL', PEOPLE, who)
  end
end

-- forgotten says whether a window has been closed for a week, by any account.
local function forgotten(windows, i, at)
  return floor(at / 1000) >= max(windows[i + 1] + DAY, windows[i + 2] + DAY, windows[i + 3]) + WEEK
end

-- window_end is until when a customer may be answered freely; for a closed
-- window when it closed; nil where nothing is known.
local function window_end(p, number, at)
  local windows = p[2]
  local i = place(windows, number, WINDOW)
  if not i or forgotten(windows, i, at) then
    return nil
  end
  local inbound, maybe, shut = windows[i + 1], windows[i + 2], windows[i + 3]
  local doubt = maybe > shut and at < (maybe + DAY) * 1000
  local ends = (inbound + DAY) * 1000
  if inbound > shut then
    if at >= ends and doubt then
      return nil
    end
    return ends
  end
  if doubt then
    return nil
  end
  if inbound == NEVER then
    ends = shut * 1000
  end
  return min(ends, shut * 1000, at)
end

-- heard moves the three times of a window, never back.
local function heard(p, number, inbound, maybe, shut)
  local windows = p[2]
  local i = place(windows, number, WINDOW)
  if not i then
    i = #windows + 1
    windows[i], windows[i + 1], windows[i + 2], windows[i + 3] = number, NEVER, NEVER, NEVER
  end
  windows[i + 1] = max(windows[i + 1], inbound)
  windows[i + 2] = max(windows[i + 2], maybe)
  windows[i + 3] = max(windows[i + 3], shut)
end

-- before orders topics byte by byte; Lua's own order is the server's locale's.
local function before(a, b)
  for i = 1, min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

-- wish finds a person's word on a topic, or adds none in its place.
local function wish(wishes, topic)
  local i = place(wishes, topic, WISH)
  if i then
    return i
  end
  i = 1
  while wishes[i] and before(wishes[i], topic) do
    i = i + WISH
  end
  local none = {topic, 0, NONE, NONE, 0}
  for f = 1, WISH do
    table.insert(wishes, i + f - 1, none[f])
  end
  return i
end

-- STRIKE is how soon after a cool-down the next one counts as repeated.
local STRIKE = 270 * 1000000

-- wanted says whether forgetting a wish would change an answer.
local function wanted(wishes, i)
  return wishes[i + 2] ~= NONE or now < wishes[i + 3] + STRIKE
end

-- meet_wishes gives one person the wishes of two: on each topic the newer word
-- and the longer cool-down.
local function meet_wishes(from, into)
  for i = 1, #from, WISH do
    local j = wish(into, from[i])
    local at, was = from[i + 2], into[j + 2]
    if at > was or at == was and from[i + 1] == 0 then
      into[j + 1], into[j + 2] = from[i + 1], at
    end
    if from[i + 3] > into[j + 3] then
      into[j + 3], into[j + 4] = from[i + 3], from[i + 4]
    end
  end
end

-- meet_people gives one person what is known of two.
local function meet_people(from, into)
  local f, p = person(from), person(into)
  for i = 1, #f[1], BUCKET do
    if not full(f[1], i, paced) then
      -- What was used of either was used of it.
      local j = bucket(p[1], f[1][i])
      local other = max(0, f[1][i + 2] - max(0, paced - f[1][i + 1]))
      p[1][j + 2] = max(0, p[1][j + 2] - max(0, paced - p[1][j + 1])) + other
      p[1][j + 1], p[1][j + 3], p[1][j + 4] = paced, f[1][i + 3], f[1][i + 4]
    end
  end
  for i = 1, #f[2], WINDOW do
    heard(p, f[2][i], f[2][i + 1], f[2][i + 2], f[2][i + 3])
  end
  meet_wishes(f[3], p[3])
  call('HDEL', PEOPLE, from)
  remember(into, p)
end
