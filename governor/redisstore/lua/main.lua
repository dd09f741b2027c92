}
end

setmetatable(L, {__index = function(_, name)
  local others = more()
  setmetatable(L, {__index = others})
  return others[name]
end})

-- Around the verbs of a call.
local seen_epoch, seen, told = struct.unpack('>ddd', ARGV[1])
L.open()
if seen > 0 and (seen > L.changes or seen_epoch ~= L.epoch) then
  L.fence(seen_epoch, seen, told)
end
local answers = {}
for i = 2, #ARGV do
  local op = cmsgpack.unpack(ARGV[i])
  answers[i - 1] = L[op[1]](op)
end
L.owed = L.owed + #ARGV - 1
if L.owed >= OWED and L.now ~= NONE then
  L.sweep(L.owed)
  L.expire(MAX_EXPIRED + 2 * #ARGV)
  L.owed = 0
end
if L.changed then
  L.write_numbers()
end
L.close()
return {L.epoch, L.changes, L.lost, answers}
