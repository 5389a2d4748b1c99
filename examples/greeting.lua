-- Two tasks. new() does not run them: start is done first.

local function greeting(msg)
	print(msg)
end

local function start()
	Tasklet.new(greeting)("Hello")
	Tasklet.new(greeting)("World")
	print("start done.")
end

start()
