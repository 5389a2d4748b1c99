#!/usr/bin/env python3
"""A tasklet-lua that runs out of memory ends with a message, wherever that
is."""

import os
import unittest

from daemon import scaled
from lua import LuaTest

PROGRAM = os.path.join(os.environ.get("top_builddir", "."),
                       "tests/lua_failing")

CODE = """
local function fail() error({code = 5}) end
local function give(x) Tasklet.sleep(0.001) return {x, {}} end
local wrapped = coroutine.wrap(function()
    while true do Tasklet.yield() coroutine.yield(1) end
end)
for i = 1, 20 do
    local t = Tasklet.new(give)(i)
    pcall(Tasklet.join, Tasklet.new(fail)())
    t:join()
    wrapped()
end
local server = Tasklet.receiver(give)()
local channel, l = Channel(), Local()
local function send() channel:send({}) end
for i = 1, 2 do
    server:call(i)
    server:send(i)
    Tasklet.new(send)()
    Timeout.with(5, channel.receive, channel)
    pcall(Timeout.with, 0.0001, channel.receive, channel)
    l[i] = {}
end
server:cancel()
local stuck = Tasklet.new(Tasklet.sleep)(1e6)
stuck:cancel()
Tasklet.new("sum")(1, 2):join()
for task, level in Tasklet.current():tree() do tostring(task) end
Tasklet.join_children()
print("done")
"""


class TestMemory(LuaTest):
    def fail_at(self, number):
        script = self.start("-e", CODE, program=PROGRAM,
                            environment={"FAIL_AT": str(number)})
        status, out, err = script.wait()
        script.close()
        return status, out, err

    def test_at_every_allocation(self):
        ended, number, step = False, 1, max(1, 4000 // scaled(200))
        while not ended:
            status, out, err = self.fail_at(number)
            with self.subTest(number):
                if status == 0:
                    self.assertEqual((out, err), ("done\n", ""))
                    ended = True
                else:
                    self.assertEqual(status, 1, err)
                    self.assertRegex(err, "^(tasklet-lua|lua_failing): ")
                    self.assertIn("memory", err)
            number += step


if __name__ == "__main__":
    unittest.main()
