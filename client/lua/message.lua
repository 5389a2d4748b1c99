-- Messages that go to other programs or come from there, and what else tasklets
-- have: limits on their waits, and values of their own.
local shared = ...
local core, Tasklet = shared.core, Tasklet
local make_error, handle = shared.make_error, shared.handle

Tasklet.receive = core.receive

local function to_json(value)
	if value == nil then
		return json.null
	end
	return value
end

local function from_json(value)
	if value == json.null then
		return nil
	end
	return value
end

-- Other tasks ----------------------------------------------------------------

-- A request of the caller's task about another one.
local function request(method, task, body, timeout)
	local params = json.object {task = task.id, body = to_json(body),
		timeout = timeout}
	local ok, value = core.answer(
		core.ask(method, params, "from", core.current()))
	if not ok then
		local e = shared.from_wire(value)
		e.task = task
		error(e, 0)
	end
	return from_json(value)
end

local function check(task)
	if not shared.is_remote(task) then
		error("a task is expected, not a " .. type(task), 3)
	end
end

function shared.send(task, body)
	check(task)
	request("send", task, body)
end

function shared.call(task, body, timeout)
	check(task)
	return request("call", task, body, core.within(timeout))
end

-- Replies --------------------------------------------------------------------

local function refuse(call, e)
	core.ask("reply", json.object {call = call, error = shared.to_wire(e)})
end

function core.message:reply(result)
	local call = core.awaits(self)
	if not call then
		error("nobody waits for a reply to this message", 2)
	elseif call ~= true then
		core.ask("reply", json.object {call = call,
			result = to_json(result)})
	end
	core.reply(self, result)
end

-- Replies by an error: a value that was raised, and where.
function shared.fail(value, traceback, message)
	local call = core.awaits(message)
	local e = shared.failure(value, traceback)
	if call ~= true then
		refuse(call, e)
	end
	core.reply(message, e, true)
end

-- For C ----------------------------------------------------------------------

-- A message from elsewhere: who calls is told where it cannot be taken.
function shared.take_message(params)
	local task = core.find(params.task)
	local ok, e = pcall(core.deliver, task, from_json(params.body),
		handle(params.from), params.call)
	if ok then
		return
	elseif params.call then
		refuse(params.call, shared.failure(e))
	elseif task and shared.is_error(e, "LimitExceeded") then
		shared.warn("a message of task " .. params.from ..
			" is dropped: " .. e.message)
	end
end

-- One that its task did not read before it ended.
function shared.unread(message, task)
	local call = core.awaits(message)
	if math.type(call) then
		refuse(call, shared.ended_first(task))
	end
end

function shared.has_ended(task)
	return make_error("NoSuchTask", ("task '%s' has ended: it takes no " ..
		"messages"):format(task.name), {task = task})
end

function shared.mailbox_full(task)
	return make_error("LimitExceeded", ("task '%s' has 1000 messages that " ..
		"it has not read"):format(task.name),
		{task = task, limit = "messages"})
end

function shared.no_reply(task)
	return make_error("TimeoutError", ("the time ran out: task '%s' has " ..
		"not replied"):format(task.name), {task = task})
end

function shared.ended_first(task)
	return make_error("FunctionError", ("task '%s' ended before there was " ..
		"a reply"):format(task.name), {task = task})
end

-- Limits ---------------------------------------------------------------------

_G.Timeout = {}

function Timeout.with(seconds, f, ...)
	shared.check_seconds("Timeout.with", seconds)
	local limit <close> = core.limit(seconds)
	return f(...)
end

-- Values of the caller's task ------------------------------------------------

local Values = {__name = "Local"}

local function values_of(l)
	local own = core.own()
	return own and own[l]
end

function Values:__index(key)
	local values = values_of(self)
	return values and values[key]
end

function Values:__newindex(key, value)
	local own = core.own(true) or error("this is no tasklet", 2)
	own[self] = own[self] or {}
	own[self][key] = value
end

function Values:__pairs()
	return next, values_of(self) or {}
end

function _G.Local()
	return setmetatable({}, Values)
end
