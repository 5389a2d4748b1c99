-- Runs shell commands all at once, and joins them within a time; those that
-- take longer are cancelled:
--
--     tasklet-lua fanout.lua SECONDS COMMAND...

local function run(command)
	return exec{"sh", "-c", command, name = command}.output
end

local seconds, commands = tonumber(arg[1]), {table.unpack(arg, 2)}
if not seconds then
	error("how long, and what? fanout.lua SECONDS COMMAND...", 0)
end
local tasks = {}
for i, command in ipairs(commands) do
	tasks[i] = Tasklet.new(run, {name = "run " .. i})(command)
end

local ok, e = pcall(Tasklet.join_all, tasks, seconds)
if not ok and e.type ~= "TimeoutError" then
	error(e, 0)
end

local failed = 0
for i, task in ipairs(tasks) do
	task:cancel() -- nothing happens to one that has ended
	local ok, result = pcall(Tasklet.join, task)
	if ok then
		io.write(commands[i], ": ", result)
	else
		local why = result.state == "cancelled" and "it takes too long" or
			result.cause.message
		print(commands[i] .. ": " .. why)
		failed = failed + 1
	end
end
if failed > 0 then
	error(("%d of %d commands failed"):format(failed, #commands), 0)
end
