-- Keeps a command running: where it fails it is started again, each time after
-- twice as long, until it succeeds or has failed so often:
--
--     tasklet-lua supervisor.lua TRIES COMMAND [ARG...]

local tries, command = tonumber(arg[1]), {table.unpack(arg, 2)}
if not tries or #command == 0 then
	error("how often, and what? supervisor.lua TRIES COMMAND [ARG...]", 0)
end
local backoff = 0.1

for try = 1, tries do
	local ok, e = pcall(exec, command)
	if ok then
		print(("try %d succeeded"):format(try))
		return try
	elseif e.type ~= "JoinError" then
		error(e, 0)
	end
	print(("try %d: %s"):format(try, e.cause.message))
	if try < tries then
		Tasklet.sleep(backoff)
		backoff = math.min(2 * backoff, 60)
	end
end
error("it failed too often", 0)
