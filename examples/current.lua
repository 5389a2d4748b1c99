-- Each task knows itself, until Ctrl-C.

local function greeting(msg)
	print(Tasklet.current(), msg)
end

local function start()
	Tasklet.interval(1.0, greeting)("Task 1")
	Tasklet.interval(1.0, greeting)("Task 2")
end

start()
