-- Functions of the daemon and commands, started as tasks. It is called with the
-- functions that C calls, and adds its own.
local shared = ...
local core, Tasklet = shared.core, Tasklet
local methods, call = core.methods, shared.call_method
local is_error, misuse = shared.is_error, shared.misuse

-- Their failures -------------------------------------------------------------

-- Those that were started here and have not ended, by id: the name, and how
-- many join it.
local watched, count = {}, 0

-- More are not watched: the daemon reads nothing more from one who waits for
-- very many.
local MOST <const> = 10000

-- C calls it with the answer to a spawn, and `ended` with the error, if any,
-- by which a join of that task failed.
function shared.started(row)
	if count < MOST then
		count = count + 1
		watched[row.id] = {name = row.name, joiners = 0}
		core.watch(row.id)
	end
end

function shared.ended(id, e)
	local task, data = watched[id], e and e.data or {}
	watched[id], count = nil, count - 1
	if task.joiners == 0 and data.state == "failed" then
		shared.report(shared.handle(id, task.name),
			shared.from_wire(data.cause))
	end
end

local function add_joiners(id, change)
	if watched[id] then
		watched[id].joiners = watched[id].joiners + change
	end
end

-- Marks that someone will join it.
function shared.await(task)
	add_joiners(task.id, 1)
end

function shared.join(task, timeout)
	local id = task.id
	add_joiners(id, 1)
	local ok, value = pcall(call, "join", json.object {task = id,
		timeout = core.within(timeout)})
	if ok then
		return value
	elseif not is_error(value, "JoinError") then
		add_joiners(id, -1)
	end
	error(value, 0)
end

-- Starting -------------------------------------------------------------------

local function copy(t)
	local made = json.object {}
	for key, value in pairs(t or {}) do
		made[key] = value
	end
	return made
end

-- The options of a command, with the program's own environment and folder
-- unless they tell others; as they are where the daemon is another user's, or
-- will refuse them.
local function here(options)
	if not core.is_own() or type(options or {}) ~= "table" then
		return options
	end
	options = copy(options)
	if options.cwd == nil then
		local folder, why = core.folder()
		options.cwd = folder or misuse("the current folder is gone, or " ..
			"cannot be read (%s): say where the command runs: " ..
			'cwd = "/"', why)
	end
	if options.clear_env == nil and type(options.env or {}) == "table" then
		local variables = core.environment()
		for name, value in pairs(options.env or {}) do
			variables[name] = value
		end
		options.env, options.clear_env = variables, true
	end
	return options
end

-- Starts a function of the daemon, as new() does one of Lua.
function shared.starter(name, options)
	local params = copy(options)
	params["function"] = name
	local of_command = params.options
	return function(...)
		params.args = {...}
		if name == "exec" then
			params.options = here(of_command)
		end
		local ask = params.parent == nil and shared.ask_of_current or core.ask
		return setmetatable({request = ask("spawn", params)}, shared.Remote)
	end
end

-- Commands -------------------------------------------------------------------

-- The options of `exec` that are the task's, the params of spawn; the others
-- are the command's.
local of_task = {name = true, parent = true, timeout = true, scope = true,
	unique = true, run_timeout = true, pool = true, weight = true,
	after = true, after_ok = true, retry = true}

local function output_of(task)
	local ok, output = pcall(call, "output", json.object {task = task.id})
	return ok and output.data or ""
end

-- Runs a command and waits for it: {"ls", "-l", cwd = "/", timeout = 5}.
function Tasklet.exec(command)
	if type(command) ~= "table" then
		misuse('exec takes a table, as exec{"ls", "-l"}, not a %s',
			type(command))
	end
	local options, argv, count = json.object {}, {}, 0
	local started = {options = options}
	for key, value in pairs(command) do
		if math.type(key) == "integer" and key > 0 then
			argv[key], count = value, math.max(count, key)
		elseif of_task[key] then
			started[key] = value
		else
			options[key] = value
		end
	end
	local task = shared.starter("exec", started)(table.unpack(argv, 1, count))
	local ok, outcome = pcall(methods.join, task)
	if not ok and not is_error(outcome, "JoinError") then
		if is_error(outcome, "Cancelled") then
			core.ask("cancel", json.object {task = task.id})
		elseif is_error(outcome, "TimeoutError") then
			-- By one that has no limit, and can wait for the id.
			core.new(pcall, nil, "exec")(methods.cancel, task)
		end
		error(outcome, 0)
	end
	outcome.output = output_of(task)
	if not ok then
		error(outcome, 0)
	end
	return outcome
end

_G.exec = Tasklet.exec
