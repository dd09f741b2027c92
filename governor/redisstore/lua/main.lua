-- The verbs by number, as wire.go has them, and what each call does around them.
local verbs = {
  admit, settle, inbound, deliver, consent, consents, close_window, alias, usage, tally, tallies, load_state, save_state,
}

local seen = decode(ARGV[1])
fence(seen[1], seen[2], seen[3])
local answers = {}
for i = 2, #ARGV do
  local op = decode(ARGV[i])
  answers[i - 1] = verbs[op[1]](op)
end
sweep(#ARGV - 1)
expire()
write_numbers()
write_account()
return {epoch, changes, lost, answers}
