-- Two tasks that each greet once a second, in turn, until Ctrl-C.

local function greeting(msg)
	while true do
		print(msg)
		Tasklet.sleep(1)
	end
end

local function start()
	Tasklet.new(greeting)("Hello")
	Tasklet.new(greeting)("World")
end

start()
