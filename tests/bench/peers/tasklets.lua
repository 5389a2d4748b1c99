-- What tests/bench/claim_lua.c measures, in tasklet-lua. As its peers here, it
-- is called with "sleep" or "yield" and a count; says "ready", and begins at a
-- line of input; says "done", and ends with its input.
local what, count = arg[1], tonumber(arg[2])

local function say(word)
	print(word)
	io.stdout:flush()
	return io.read()
end

local function sleeper()
	Tasklet.sleep(1e6)
end

local function nothing()
end

-- Until all sleep, and the daemon has all of them.
local function sleep()
	for i = 1, count do
		Tasklet.new(sleeper)()
	end
	local last = Tasklet.new(nothing)()
	last:join()
	return last.id
end

local function spin()
	for i = 1, count do
		Tasklet.yield()
	end
end

local function yield()
	local other = Tasklet.new(spin)()
	spin()
	other:join()
end

assert(Tasklet.current().id)
say("ready")
if what == "sleep" then
	sleep()
else
	yield()
end
say("done")
os.exit(0)
