-- Two tasks play with a ball, by messages: so often, or six times.
--
--     tasklet-lua pingpong.lua [TIMES]

local function pong()
	while true do
		local ball = Tasklet.receive()
		print("pong " .. ball.body)
		ball.from:send(ball.body + 1)
	end
end

local other = Tasklet.new(pong)()
local ball = 1
for _ = 1, tonumber(arg[1] or 6) do
	print("ping " .. ball)
	other:send(ball)
	ball = Tasklet.receive(1).body
end
other:cancel()
