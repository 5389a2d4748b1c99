-- Prints once a second the tree of tasks from this one on, until Ctrl-C.

local function greeting(msg)
	print(msg)
	Tasklet.sleep(2)
	print("done")
end

local function start()
	Tasklet.new(greeting, {name = "task1"})("Hello")
	Tasklet.new(greeting, {name = "task2"})("World")
	Tasklet.new(greeting, {name = "task3"})("Hi There")
	while true do
		Tasklet.sleep(1.0)
		-- print a nice tree of tasks and their subtasks
		for task, level in Tasklet.current():tree() do
			print(("\t"):rep(level) .. task.name)
		end
	end
end

start()
