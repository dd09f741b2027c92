-- Callers whose clocks are ahead, and flat lists.

-- ahead is by how much a caller's clock is before the server's. A caller who
-- lives in the future would free slots that others still need, so it is told
-- the time by the server.
ahead = function(told)
  return math.max(0, told - L.server)
end,

-- behind takes a caller's lead off one of its times. One that has passed by the
-- server's clock is left alone, for it may be the platform's: what is too late
-- only holds a slot for longer.
behind = function(at, lead)
  if lead == 0 or at <= L.server then
    return at
  end
  return math.max(L.server, at - lead)
end,

-- behind_ms is behind for milliseconds, rounded up.
behind_ms = function(at, lead)
  if lead == 0 then
    return at
  end
  return math.ceil(L.behind(at * 1000, lead) / 1000)
end,

-- back gives a time to the caller in the terms of its own clock.
back = function(at, lead)
  if at == NONE then
    return at
  end
  return at + lead
end,

-- place finds a key in a flat list of records that are so many fields wide.
place = function(list, key, width)
  for i = 1, #list, width do
    if list[i] == key then
      return i
    end
  end
end,

-- record reads what follows the time until which it is kept.
record = function(r)
  return cmsgpack.unpack(string.sub(r, 9))
end,
