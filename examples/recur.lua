-- Tasks that run in a loop, at an interval and later, until Ctrl-C.

local function hello(msg)
	print(msg)
	Tasklet.sleep(0.5)
end

local function greeting(msg)
	print(msg)
end

local function start()
	Tasklet.loop(hello)("Hello World")
	Tasklet.interval(1.0, greeting)("Hi There!")
	Tasklet.later(5.0, greeting)("Nice to see You!")
end

start()
