-- Forgetting. A call looks at a few entries of one hash and drops those that no
-- answer depends on any more, four for each verb: more than one adds, so that
-- what is kept follows what is live. No call ever drops many.
local SAMPLE = 4
local MAX_NOTES = 20480 -- messages without a slot of which something is known
local MAX_EXPIRED = 64 -- of those whose slot has lapsed, taken out by one call

local MEMORY = 2 * DAY * 1000 -- how long a booking is remembered that nobody settles
local BRIEF_MEMORY = 3600000000 -- how long a reply's is

local function note(id, value)
  call('HSET', NOTES, id, value)
  if call('HLEN', NOTES) > MAX_NOTES then
    local other = call('HRANDFIELD', NOTES)
    if other ~= id then
      call('HDEL', NOTES, other)
    end
  end
end

-- A note is one digit: the sort of a message, and four if it has failed before
-- its send was settled.
local EARLY = 4

local function note_sort(id, sort)
  local was = tonumber(call('HGET', NOTES, id)) or 0
  note(id, string.format('%.0f', was >= EARLY and sort + EARLY or sort))
end

local function stale_booking(_, r)
  local b = decode(r)
  local age = now - b[5]
  return age >= MEMORY or b[4] == 1 and age >= BRIEF_MEMORY
end

local function stale_message(id, r)
  if decode(r)[2] > gone then
    return false
  end
  note_sort(id, 1)
  return true
end

-- tidy_person drops what does not matter of a person, and says whether nothing
-- is left.
local function stale_person(who, r)
  local p = decode(r)
  local pairs_, windows, wishes = p[1], p[2], p[3]
  local size = #pairs_ + #windows + #wishes
  for i = #pairs_ - BUCKET + 1, 1, -BUCKET do
    if full(pairs_, i, paced) then
      cut(pairs_, i, BUCKET)
    end
  end
  for i = #windows - WINDOW + 1, 1, -WINDOW do
    if forgotten(windows, i, now - DAY * 1000) then -- a clock that goes back shall find it
      cut(windows, i, WINDOW)
    end
  end
  for i = #wishes - WISH + 1, 1, -WISH do
    if not wanted(wishes, i) then
      cut(wishes, i, WISH)
    end
  end
  local left = #pairs_ + #windows + #wishes
  if left > 0 and left < size then
    call('HSET', PEOPLE, who, pack(p))
  end
  return left == 0
end

local function sweep(verbs)
  turn = (turn + 1) % 3
  local key, stale = BOOKINGS, stale_booking
  if turn == 1 then
    key, stale = MESSAGES, stale_message
  elseif turn == 2 then
    key, stale = PEOPLE, stale_person
  end
  local sample = call('HRANDFIELD', key, -SAMPLE * verbs, 'WITHVALUES')
  local gone_ones, seen = {}, {}
  for i = 1, #sample, 2 do
    if not seen[sample[i]] then
      seen[sample[i]] = true
      if stale(sample[i], sample[i + 1]) then
        gone_ones[#gone_ones + 1] = sample[i]
      end
    end
  end
  if #gone_ones > 0 then
    call('HDEL', key, unpack(gone_ones))
  end
end

-- expire takes a few whose slot has lapsed off the list. However many lapse
-- together, no call takes longer for it.
local function expire()
  if not used or lapsed == 0 then
    return
  end
  local n = min(lapsed, MAX_EXPIRED)
  local first = call('ZRANGE', SLOTS, 0, n - 1, 'WITHSCORES')
  local many = {}
  for i = 1, #first, 2 do
    if tonumber(first[i + 1]) % 1 == MANY then
      many[#many + 1] = first[i]
    end
  end
  call('ZREMRANGEBYRANK', SLOTS, 0, n - 1)
  if #many > 0 then
    call('HDEL', SENDS, unpack(many))
  end
end
