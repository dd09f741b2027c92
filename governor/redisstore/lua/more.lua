}

-- more has what a common call does not need. It is made when something asks for
-- it.
local function more()
return {
