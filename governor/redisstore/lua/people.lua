-- What is known of people beside their slots: PEOPLE has, by who they are, until
-- when it matters (see over) and {buckets, windows, wishes}. All three are flat lists: the
-- buckets of the numbers that sent to them lately; {number, inbound, maybe, shut}, when they last wrote,
-- may have written, and were last said to have no open window; and {topic,
-- granted, at, rests, strikes}, the newest word on a topic and a cool-down.
person = function(who)
  local r = L.known == 1 and redis.call('HGET', PEOPLE, who)
  if r then
    return L.record(r)
  end
  return {{}, {}, {}}
end,

-- remember writes a person down, and until when any of it matters.
remember = function(who, p)
  local buckets, windows, wishes, full, keep = p[1], p[2], p[3], NONE, NONE
  for i = 1, #buckets, BUCKET do
    full = math.max(full, buckets[i + 1] + buckets[i + 2])
  end
  for i = 1, #windows, WINDOW do
    -- A day more: a clock that goes back shall find it.
    keep = math.max(keep, (math.max(windows[i + 1] + DAY, windows[i + 2] + DAY, windows[i + 3]) + WEEK + DAY) * 1000)
  end
  for i = 1, #wishes, WISH do
    keep = math.max(keep, wishes[i + 2] == NONE and wishes[i + 3] + STRIKE or FOREVER)
  end
  if keep == NONE then
    if full == NONE then
      redis.call('HDEL', PEOPLE, who)
      return
    end
    keep = full + BY_PACE
  end
  L.known = 1
  redis.call('HSET', PEOPLE, who, struct.pack('>d', keep) .. cmsgpack.pack(p))
end,

-- over says whether nothing depends on what is known of somebody any more. Where
-- it is buckets alone that matter they do by the pace, which is told by a part of a
-- microsecond: an earlier version beside this one then takes it for the time it is.
over = function(r)
  local keep, pace = struct.unpack('>d', r), L.paced + L.gained
  if keep % 1 == BY_PACE then
    return keep <= pace
  end
  if keep > (L.paced ~= NONE and L.paced or L.now) then
    return false
  end
  local buckets = L.record(r)[1]
  for i = 1, #buckets, BUCKET do
    if not L.idle(buckets, i, pace) then
      return false
    end
  end
  return true
end,

-- forgotten says whether a window has been closed for a week, by any account.
forgotten = function(windows, i, at)
  return math.floor(at / 1000) >= math.max(windows[i + 1] + DAY, windows[i + 2] + DAY, windows[i + 3]) + WEEK
end,

-- window_end is until when a customer may be answered freely; for a closed
-- window when it closed; nil where nothing is known.
window_end = function(p, number, at)
  local windows = p[2]
  local i = L.place(windows, number, WINDOW)
  if not i or L.forgotten(windows, i, at) then
    return nil
  end
  local inbound, maybe, shut = windows[i + 1], windows[i + 2], windows[i + 3]
  if inbound == NEVER and shut == NEVER then
    return nil -- doubt alone tells nothing
  end
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
  return math.min(ends, shut * 1000, at)
end,

-- heard moves the three times of a window, never back.
heard = function(p, number, inbound, maybe, shut)
  local windows = p[2]
  local i = L.place(windows, number, WINDOW)
  if not i then
    i = #windows + 1
    windows[i], windows[i + 1], windows[i + 2], windows[i + 3] = number, NEVER, NEVER, NEVER
  end
  windows[i + 1] = math.max(windows[i + 1], inbound)
  windows[i + 2] = math.max(windows[i + 2], maybe)
  windows[i + 3] = math.max(windows[i + 3], shut)
end,

-- before orders topics byte by byte; Lua's own order is the server's locale's.
before = function(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end,

-- wish finds a person's word on a topic, or adds none in its place.
wish = function(wishes, topic)
  local i = L.place(wishes, topic, WISH)
  if i then
    return i
  end
  i = 1
  while wishes[i] and L.before(wishes[i], topic) do
    i = i + WISH
  end
  local none = {topic, 0, NONE, NONE, 0}
  for f = 1, WISH do
    table.insert(wishes, i + f - 1, none[f])
  end
  return i
end,

-- meet_wishes gives one person the wishes of two: on each topic the newer word
-- and the longer cool-down.
meet_wishes = function(from, into)
  for i = 1, #from, WISH do
    local j = L.wish(into, from[i])
    local at, was = from[i + 2], into[j + 2]
    if at > was or at == was and from[i + 1] == 0 then
      into[j + 1], into[j + 2] = from[i + 1], at
    end
    if from[i + 3] > into[j + 3] then
      into[j + 3], into[j + 4] = from[i + 3], from[i + 4]
    end
  end
end,

-- meet_people gives one person what is known of two.
meet_people = function(from, into, pace)
  local f, p = L.person(from), L.person(into)
  for i = 1, #f[1], BUCKET do
    if not L.idle(f[1], i, pace) then
      -- What was used of either was used of it.
      local j = L.bucket(p[1], f[1][i])
      local other = math.max(0, f[1][i + 2] - math.max(0, pace - f[1][i + 1]))
      p[1][j + 2] = math.max(0, p[1][j + 2] - math.max(0, pace - p[1][j + 1])) + other
      p[1][j + 1], p[1][j + 3], p[1][j + 4] = pace, f[1][i + 3], f[1][i + 4]
    end
  end
  for i = 1, #f[2], WINDOW do
    L.heard(p, f[2][i], f[2][i + 1], f[2][i + 2], f[2][i + 3])
  end
  L.meet_wishes(f[3], p[3])
  redis.call('HDEL', PEOPLE, from)
  L.remember(into, p)
end,
