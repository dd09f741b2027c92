-- Deciding one send. A verdict is {outcome, counted, used, retry}.

admit = function(op)
  local _, token, decided_on, told, stamp, not_before, number, who, reply, limit, holders_pass,
    number_every, number_burst, pair_every, pair_burst, topics, opt_in, probe = unpack(op, 1, 18)
  if L.version ~= decided_on then
    return {STALE, 0, 0, NONE, L.version, redis.call('HGET', ACCOUNT, 'state') or ''}
  end
  local lead = 0
  if told > L.server then
    lead = L.ahead(told)
    told, stamp, not_before = told - lead, L.behind_ms(stamp, lead), not_before - lead
  end
  L.advance(told)
  local paced, gained = L.paced, L.gained
  local at = L.pace(told)
  if L.merges > 0 then
    who = L.canonical(who)
  end
  local person, r = false, L.known == 1 and redis.call('HGET', PEOPLE, who)
  if r then
    person = L.record(r)
  end

  local i, b, was, v, pair, booked
  local paid, again = false, false
  repeat
    again, pair = false, false
    v = {ADMITTED, 0, L.used or L.count(), NONE}
    -- First what time can only open, then what it may close until that has opened.
    if person or opt_in ~= '' then
      L.heed(v, person, number, topics, opt_in)
    end
    if not paid then
      if number_every > 0 then
        i, b = L.number_bucket(number)
        was = {unpack(b, i, i + 4)}
        -- A new rate holds from the first send that is asked for, even if refused.
        L.refuse_busy(v, NUMBER_BUSY, b, i, number_every, number_burst, at)
        if probe == 1 then
          L.put_back(b, i, was)
        else
          L.change(number)
        end
      end
      pair = person and pair_every > 0 and L.pair_bucket(person[1], number, at)
      if pair then
        L.refuse_busy(v, PAIR_BUSY, {unpack(person[1], pair, pair + 4)}, 1, pair_every, pair_burst, at)
      end
    end
    if reply == 0 then
      L.limited(v, person, who, number, limit, holders_pass, math.max(L.now, v[4], not_before))
    elseif person then
      L.reply_closed(v, person, number, told, math.max(told, v[4], not_before))
    end
    if probe == 1 then
      L.paced, L.gained = paced, gained -- who only asks brings no other clock to follow
      v[4] = v[4] == NONE and NONE or v[4] + lead
      return v
    end

    -- An admission whose answer was lost is decided anew, but pays no rate again.
    -- Most are no such, which writing the booking down finds out at no cost.
    booked = v[2] == 1 and math.max(stamp, L.soon) or NEVER
    if token ~= '' and not paid then
      if v[1] ~= ADMITTED then
        again = redis.call('HEXISTS', BOOKINGS, token) == 1
      else
        again = redis.call('HSETNX', BOOKINGS, token, L.booking(number, who, v[2], reply, booked)) == 0
      end
      if again then
        L.unbook(token)
        paid = true
        if number_every > 0 then
          L.put_back(b, i, was)
        end
      end
    end
  until not again
  if v[1] ~= ADMITTED then
    v[4] = v[4] == NONE and NONE or v[4] + lead
    return v
  end

  if v[2] == 1 then
    -- Most people are new, which one call finds out and books. The limit has been
    -- held above; here it must only not refuse a slot holder's repeat.
    if v[3] < limit and who ~= '' and redis.call('ZADD', SLOTS, 'NX', booked + PENDING, who) == 1 then
      L.used, L.changes = v[3] + 1, L.changes + 1
      if booked < L.first then
        L.first = booked
      end
    elseif not L.reserve(who, stamp, limit) then
      booked = NEVER
    end
    v[3] = L.used
  end
  if token ~= '' and (paid or booked == NEVER and v[2] == 1) then
    redis.call('HSET', BOOKINGS, token, L.booking(number, who, v[2], reply, booked))
  end
  if not paid then
    if number_every > 0 then
      L.take(b, i)
    end
    if pair_every > 0 then
      person = person or {{}, {}, {}}
      pair = pair or L.bucket(person[1], number)
      L.pass(person[1], pair, pair_every, pair_burst, at)
      L.take(person[1], pair)
      L.remember(who, person)
    end
  end
  return v
end,

-- booking is a send as it is written down, first of all until when.
booking = function(number, who, counted, reply, stamp)
  return struct.pack('>dBBddI4c0I4c0', L.now + (reply == 1 and BRIEF_MEMORY or MEMORY),
    counted, reply, stamp, L.merges, #number, number, #who, who)
end,

-- limited decides whether a notification counts, and whether there is a slot for
-- it, at the time at which all else lets it pass.
limited = function(v, person, who, number, limit, holders_pass, at)
  if person then
    local ends = L.window_end(person, number, L.now)
    if ends and ends > at + MARGIN then
      return
    end
  end
  v[2] = 1
  if v[3] >= limit or L.full_until > at then
    L.full(v, who, limit, holders_pass, at)
  end
end,
