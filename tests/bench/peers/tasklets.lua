-- What claim_lua.c, claim_message.c and peers.c measure, in tasklet-lua. As its
-- peers here, it is called with what to do ("sleep", "yield", "channel",
-- "message", "join", "exec") and a count; says "ready", and begins at a line of
-- input; says "done", and ends with its input. With "serve", for claim_message.c,
-- it goes on instead, as the task that "call" calls. Its peers can "listen" on a
-- socket.
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

local function join()
	for i = 1, count do
		Tasklet.new(nothing)():join()
	end
end

local function run_commands()
	for i = 1, count / 4 do
		exec{"/bin/true"}
	end
end

local function command()
	local workers = {}
	for i = 1, 4 do
		workers[i] = Tasklet.new(run_commands)()
	end
	for i = 1, 4 do
		workers[i]:join()
	end
end

-- A value at a time, from one to the other.
local function channel()
	local c = Channel()
	Tasklet.new(function()
		for i = 1, count do
			c:send(i)
		end
	end)()
	for i = 1, count do
		c:receive()
	end
end

-- To and fro.
local function message()
	local other = Tasklet.new(function()
		for i = 1, count do
			local m = Tasklet.receive()
			m.from:send(m.body)
		end
	end)()
	for i = 1, count do
		other:send(i)
		Tasklet.receive()
	end
end

local function same(body)
	return body
end

local function serve()
	return Tasklet.receiver(same, {name = "server"})().id
end

-- A hundred at a time.
local function call()
	local server = Tasklet.get("server")
	local function work()
		for i = 1, count // 100 do
			server:call(i)
		end
	end
	for i = 1, 100 do
		Tasklet.new(work)()
	end
	Tasklet.join_children()
end

local does = {sleep = sleep, yield = yield, channel = channel,
	message = message, serve = serve, call = call, join = join,
	exec = command}

assert(Tasklet.current().id)
say("ready")
does[what]()
if what == "serve" then
	print("done")
	return
end
say("done")
os.exit(0)
