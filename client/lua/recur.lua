-- Tasklets that call a function again and again.
local shared = ...
local core, Tasklet = shared.core, Tasklet
local is_error, text_of, warn = shared.is_error, shared.text_of, shared.warn

-- Starts `body`, which gets f and its arguments, in the name of f.
local function recur(who, f, options, body)
	shared.check(who, f, options)
	local started = core.new(body, options, core.name_of(f))
	return function(...)
		return started(f, ...)
	end
end

-- Calls f: true and its result, or false, what it raised, and where. A cancel
-- ends the task.
local function try(f, ...)
	local trace
	local ok, value = xpcall(f, function(e)
		trace = debug.traceback(nil, 2)
		return e
	end, ...)
	if not ok and is_error(value, "Cancelled") then
		error(value, 0)
	end
	return ok, value, trace
end

local function tell(e, trace)
	warn(("%s: %s\n%s"):format(Tasklet.current().name, text_of(e), trace))
end

-- Calls f; an error is told of, and then the task goes on.
local function attempt(f, ...)
	local ok, value, trace = try(f, ...)
	if not ok then
		tell(value, trace)
	end
	return ok
end

function Tasklet.later(seconds, f, options)
	shared.check_seconds("Tasklet.later", seconds)
	return recur("later", f, options, function(f, ...)
		core.sleep(seconds)
		return f(...)
	end)
end

function Tasklet.interval(seconds, f, options)
	shared.check_seconds("Tasklet.interval", seconds)
	return recur("interval", f, options, function(f, ...)
		if options and options.immediate then
			attempt(f, ...)
		end
		while true do
			core.sleep(seconds)
			attempt(f, ...)
		end
	end)
end

function Tasklet.loop(f, options)
	return recur("loop", f, options, function(f, ...)
		local backoff = 1
		while true do
			if attempt(f, ...) then
				backoff = 1
				core.yield()
			else
				core.sleep(backoff)
				backoff = math.min(2 * backoff, 60)
			end
		end
	end)
end

-- The first tick after this one that is not over; those between are missed.
local function next_tick(tick, ticks)
	local reached = math.max(tick + 1, math.ceil(ticks))
	if reached > tick + 1 then
		local own = core.own(true)
		own.missed = (own.missed or 0) + reached - tick - 1
	end
	return reached
end

function Tasklet.rate(hertz, f, options)
	local number = tonumber(hertz)
	if not number or not (number > 0 and number < math.huge) then
		shared.misuse("Tasklet.rate takes hertz above 0, not %s",
			shared.text_of(hertz))
	end
	return recur("rate", f, options, function(f, ...)
		local start, tick = core.now(), 0
		while true do
			attempt(f, ...)
			tick = next_tick(tick, (core.now() - start) * hertz)
			core.sleep(math.max(start + tick / hertz - core.now(), 0))
		end
	end)
end

-- Serves one message. What f returns or raises is for who called; where nobody
-- did, an error is told of.
local function serve(f, message)
	local ok, value, trace = try(f, message.body, message)
	if ok and core.awaits(message) then
		ok, value, trace = try(message.reply, message, value)
	end
	if not ok then
		local answer = core.awaits(message) and shared.fail or tell
		answer(value, trace, message)
	end
end

function Tasklet.receiver(f, options)
	return recur("receiver", f, options, function(f)
		while true do
			serve(f, core.receive())
		end
	end)
end
