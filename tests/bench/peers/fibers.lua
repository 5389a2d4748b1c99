-- As tasklets.lua, with the fibers of Tarantool.
local fiber = require('fiber')
local json = require('json')
local popen = require('popen')
local socket = require('socket')

local what, text = arg[1], arg[2]
local count = tonumber(text)

local function say(word)
	print(word)
	io.stdout:flush()
	return io.read()
end

local function nothing()
end

local function sleep()
	for i = 1, count do
		fiber.create(fiber.sleep, 1e6)
	end
end

local function join()
	for i = 1, count do
		local f = fiber.new(nothing)
		f:set_joinable(true)
		f:join()
	end
end

local function run_commands()
	for i = 1, count / 4 do
		local process = popen.new({'/bin/true'})
		process:wait()
		process:close()
	end
end

local function exec()
	local workers = {}
	for i = 1, 4 do
		workers[i] = fiber.new(run_commands)
		workers[i]:set_joinable(true)
	end
	for i = 1, 4 do
		workers[i]:join()
	end
end

local tasks = 0

local function answer(request)
	if request.method ~= 'spawn' then
		return 'pong'
	end
	fiber.create(fiber.sleep, request.params.args[1])
	tasks = tasks + 1
	return {id = tasks, name = 'sleep'}
end

local function talk(connection)
	while true do
		local line = connection:read('\n')
		if line == nil or line == '' then
			return
		end
		local request = json.decode(line)
		connection:write(json.encode({jsonrpc = '2.0', id = request.id,
			result = answer(request)}) .. '\n')
	end
end

if what == 'listen' then
	assert(socket.tcp_server('unix/', text, talk))
	print('ready')
	io.stdout:flush()
	fiber.sleep(1e6)
end
say('ready')
;({sleep = sleep, join = join, exec = exec})[what]()
say('done')
os.exit(0)
