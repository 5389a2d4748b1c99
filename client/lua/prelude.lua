-- The part of tasklet-lua's API that is written in Lua: all that is not in the
-- way of speed. It is called with the functions of C, and returns those that C
-- and the files after this one call.
local core = ...
local methods, Error = core.methods, core.Error
local encode, warn = json.encode, core.warn
local new, join = core.new, core.join

local Tasklet = {}

_G.Tasklet = Tasklet

local shared = {} -- with C and the files after this one

-- Errors ---------------------------------------------------------------------

Error.__index = Error
Error.__name = "tasklet.error"

function Error:__tostring()
	return tostring(self.type) .. ": " .. tostring(self.message)
end

local function make_error(kind, message, members)
	local e = setmetatable(members or {}, Error)
	e.type, e.message = kind, message
	return e
end

local function is_error(value, kind)
	return getmetatable(value) == Error and value.type == kind
end

-- Any value that was raised, as text of UTF-8.
local function text_of(value)
	local text
	if type(value) == "string" or type(value) == "number" then
		text = tostring(value)
	elseif getmetatable(value) == Error and type(value.message) == "string" then
		text = value.message
	elseif type(value) == "table" and not getmetatable(value) then
		local ok, encoded = pcall(encode, value)
		text = ok and encoded
	end
	if not text then
		local ok, made = pcall(tostring, value)
		text = ok and made or "an error without a text"
	end
	return utf8.len(text) and text or (text:gsub("[\x80-\xff]", "?"))
end

-- An error in how the program calls a function of these, where it does.
local function misuse(text, ...)
	error(core.place() .. ": " .. text:format(...), 0)
end

local handle -- of an id; below

-- A task that does not run here: its id, or the request that makes it; and its
-- name, once that was asked for.
local Remote = {}

-- An error of the daemon.
local function from_wire(e)
	local err = {}
	for key, value in pairs(e.data or {}) do
		err[key] = value
	end
	if type(err.cause) == "table" then
		err.cause = from_wire(err.cause)
	end
	if err.type == "JoinError" and math.type(err.task) then
		err.task = handle(err.task)
	end
	return make_error(err.type or "Error", e.message, err)
end

-- What JSON can say of a value that was raised: a task is its id. What an error
-- within itself, or a long row of causes, would be, is left out.
local function plain(value, depth)
	if getmetatable(value) == Remote then
		return rawget(value, "id")
	elseif type(value) == "userdata" then
		return select(2, pcall(core.id, value))
	elseif getmetatable(value) ~= Error then
		return value
	elseif depth == 0 then
		return nil
	end
	local object = json.object {}
	for key, member in pairs(value) do
		object[key] = plain(member, depth - 1)
	end
	return object
end

-- Functions of the daemon ----------------------------------------------------

-- Sends a request that is of the caller's task.
local function ask_of_current(method, params)
	return core.ask(method, params, "parent", core.current())
end

local function answer(request)
	local ok, value = core.answer(request)
	if not ok then
		error(from_wire(value), 0)
	end
	if value ~= json.null then
		return value
	end
end

local function call(method, params)
	return answer(core.ask(method, params))
end

-- Tasks ----------------------------------------------------------------------

function Remote:__index(key)
	if key == "id" or key == "name" then
		local request = rawget(self, "request")
		local row = request and answer(request) or
			call("show", json.object {task = self.id})
		self.id, self.name = row.id, row.name
		return rawget(self, key)
	elseif key == "state" then
		return call("show", json.object {task = self.id}).state
	end
	return methods[key]
end

-- Nothing can be waited for here: what is not known yet is left out.
function Remote:__tostring()
	if not rawget(self, "id") then
		pcall(Remote.__index, self, "id")
	end
	local text = "task " .. (rawget(self, "id") or "?")
	local name = rawget(self, "name")
	return name and text .. " " .. name or text
end

function Remote.__eq(a, b)
	return a.id == b.id
end

Remote.__name = "Tasklet"

local function is_remote(t)
	return getmetatable(t) == Remote
end

-- The task of a row, or of an id alone.
function handle(id, name)
	return core.find(id) or setmetatable({id = id, name = name}, Remote)
end

-- A task, or the one of an id or a name.
local function find(task)
	if is_remote(task) or getmetatable(task) == "Tasklet" then
		return task
	elseif type(task) ~= "number" and type(task) ~= "string" then
		error("a task, an id or a name is expected, not a " .. type(task), 3)
	end
	local row = call("show", json.object {task = task})
	return handle(row.id, row.name)
end

function methods:parent()
	local row = call("parent", json.object {task = self.id})
	return row and handle(row.id, row.name)
end

-- Some rows of a tree, each with its task, and what to go on after. Those that
-- end here while the daemon answers are known all the same.
local function page_of(params)
	core.keep(true)
	local ok, page = pcall(call, "tree", params)
	for _, row in ipairs(ok and page.tasks or {}) do
		row.task = handle(row.id, row.name)
	end
	core.keep(false)
	if not ok then
		error(page, 0)
	end
	return page.tasks, page.next ~= json.null and page.next or nil
end

-- Iterates over (task, level), the task itself being of level 0.
local function tree(task, depth)
	local params = json.object {task = task.id, depth = depth}
	local rows, after = page_of(params)
	local i = 0
	return function()
		while i == #rows do
			if not after then
				return
			end
			params.after = after
			rows, after = page_of(params)
			i = 0
		end
		i = i + 1
		return rows[i].task, rows[i].level
	end
end

function methods:tree()
	return tree(self)
end

function methods:children()
	local list = {}
	for task, level in tree(self, 1) do
		if level == 1 then
			list[#list + 1] = task
		end
	end
	return list
end

function methods:cancel(options)
	if type(options or {}) ~= "table" then
		misuse("the options are a table, not a %s", type(options))
	end
	local params = json.object {task = self.id}
	for key, value in pairs(options or {}) do
		params[key] = value
	end
	return call("cancel", params).count
end

function methods:join(timeout)
	return (is_remote(self) and shared.join or join)(self, timeout)
end

-- Tasklet --------------------------------------------------------------------

Tasklet.sleep, Tasklet.yield, Tasklet.current =
	core.sleep, core.yield, core.current

local known = {name = true, scope = true, timeout = true}

-- Of a call of Tasklet[who](f, options). Those of a function of the daemon are
-- checked there.
local function check(who, f, options)
	if type(f) ~= "function" and (who ~= "new" or type(f) ~= "string") then
		misuse("Tasklet.%s takes a function%s, not a %s", who,
			who == "new" and " or the name of one" or "", type(f))
	elseif options == nil then
		return
	elseif type(options) ~= "table" then
		misuse("the options are a table, not a %s", type(options))
	end
	for key in pairs(type(f) == "function" and options or {}) do
		if not known[key] and (key ~= "immediate" or who ~= "interval") then
			misuse("there is no option '%s': Tasklet.%s takes %sname, " ..
				"scope and timeout", key, who,
				who == "interval" and "immediate, " or "")
		end
	end
end

-- Seconds that may be waited for.
local function check_seconds(who, seconds)
	local number = tonumber(seconds)
	if not number or not (number >= 0 and number <= 1e9) then
		misuse("%s takes seconds from 0 to 1e9, not %s", who,
			text_of(seconds))
	end
end

function Tasklet.new(f, options)
	local kind = type(f)
	if kind ~= "function" or options ~= nil then
		check("new", f, options)
	end
	if kind == "string" then
		return shared.starter(f, options)
	end
	return new(f, options)
end

function Tasklet.get(task)
	return find(task)
end

function Tasklet.join(task, timeout)
	return find(task):join(timeout)
end

function Tasklet.join_all(tasks, timeout)
	local deadline = timeout and core.now() + timeout
	local list, results = {}, {}
	for i, task in ipairs(tasks) do
		list[i] = find(task)
		local await = is_remote(list[i]) and shared.await or core.await
		await(list[i])
	end
	for i, task in ipairs(list) do
		local left = deadline and math.max(deadline - core.now(), 0)
		local ok, value = pcall(task.join, task, left)
		if not ok and not (is_error(value, "JoinError") and
			value.task == task) then
			error(value, 0)
		end
		results[i] = value
	end
	return results
end

function Tasklet.join_children(timeout)
	return Tasklet.join_all(Tasklet.current():children(), timeout)
end

-- For C ----------------------------------------------------------------------

shared.ask_of_current, shared.call_method = ask_of_current, call
shared.check, shared.check_seconds = check, check_seconds
shared.core, shared.Remote = core, Remote
shared.from_wire, shared.handle = from_wire, handle
shared.is_error, shared.is_remote = is_error, is_remote
shared.make_error, shared.misuse = make_error, misuse
shared.text_of, shared.warn = text_of, warn

function shared.await_id(t)
	while not core.id(t) do
		call("ping", json.object {})
	end
	return core.id(t)
end

-- What joiners get as the cause: the value that was raised, with its trace.
function shared.failure(value, traceback)
	local e = make_error("FunctionError", text_of(value))
	e.traceback = traceback
	if type(value) ~= "string" then
		e.value = value
	end
	return e
end

-- The params of `finish` that tell it.
function shared.to_wire(e)
	local data = json.object {traceback = e.traceback}
	if e.value ~= nil then
		local value = plain(e.value, 10)
		if pcall(encode, value) then
			data.value = value
		end
	end
	return json.object {message = e.message, data = data}
end

local how = {failed = "failed", cancelled = "was cancelled",
	timeout = "timed out"}

function shared.join_error(task, cause)
	local state = task.state
	local message = ("task '%s' %s"):format(task.name, how[state])
	if state == "failed" or cause.reason then
		message = message .. ": " .. cause.message
	end
	return make_error("JoinError", message,
		{task = task, state = state, cause = cause})
end

function shared.timeout_error(task)
	return make_error("TimeoutError", "the time ran out: task '" ..
		task.name .. "' has not ended", {task = task})
end

function shared.cancelled(reason)
	return make_error("Cancelled", reason or "cancelled",
		{reason = reason})
end

-- The script: its chunks, which are called one after the other, as one
-- tasklet; what the last one returns is its result.
local script

function shared.script(name, code, file, ...)
	script = new(function(...)
		if not file then
			return code(...)
		elseif code then
			code(...)
		end
		return file(...)
	end, {name = name, scope = "wait"}, "tasklet-lua")(...)
	return script
end

function shared.report_abandoned(task)
	warn(("task '%s' did not end when it was cancelled: it goes on no " ..
		"more"):format(task.name))
end

function shared.report(task, e)
	local who = task == script and "" or
		("task '%s' failed: "):format(task.name)
	local trace = type(e.traceback) == "string" and "\n" .. e.traceback or ""
	warn(who .. e.message .. trace)
end

return shared
