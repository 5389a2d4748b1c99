-- Prime numbers, by a sieve of tasks: each takes out the multiples of one prime,
-- and passes on by a channel what is left. So many of them, or ten:
--
--     tasklet-lua primes.lua [COUNT]

local function count_up(out)
	local n = 2
	while true do
		out:send(n)
		n = n + 1
	end
end

local function sieve(prime, from, out)
	while true do
		local n = from:receive()
		if n % prime ~= 0 then
			out:send(n)
		end
	end
end

local numbers = Channel()
Tasklet.new(count_up)(numbers)
for _ = 1, tonumber(arg[1] or 10) do
	local prime = numbers:receive()
	print(prime)
	local left = Channel()
	Tasklet.new(sieve, {name = "multiples of " .. prime})(
		prime, numbers, left)
	numbers = left
end
for _, task in ipairs(Tasklet.current():children()) do
	task:cancel()
end
