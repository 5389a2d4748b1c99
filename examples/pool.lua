-- Many jobs, but at most so many at a time: each worker takes the next job
-- until there is none. Here a job is to count the lines of a file:
--
--     tasklet-lua pool.lua WORKERS FILE...

local workers, files = tonumber(arg[1]), {table.unpack(arg, 2)}
if not workers then
	error("how many, and what? pool.lua WORKERS FILE...", 0)
end
local counts, taken = {}, 0

local function count_lines(file)
	return tonumber(exec{"wc", "-l", file}.output:match("%d+"))
end

local function work()
	while taken < #files do
		taken = taken + 1
		local i = taken
		counts[i] = count_lines(files[i])
	end
end

for i = 1, workers do
	Tasklet.new(work, {name = "worker " .. i})()
end
for _, failed in pairs(Tasklet.join_children()) do
	error(failed, 0)
end
for i, file in ipairs(files) do
	print(file .. ": " .. counts[i])
end
