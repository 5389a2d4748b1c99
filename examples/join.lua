-- Waits for two tasks, and uses their results.

local function sum(a, b)
	-- potentially long calculation, involving calls to databases etc...
	return a + b
end

local function start()
	local t1 = Tasklet.new(sum)(10, 20)
	local t2 = Tasklet.new(sum)(30, 40)
	local res1 = Tasklet.join(t1)
	local res2 = Tasklet.join(t2)
	print(res1)
	print(res2)
end

start()
