#!/usr/bin/env python3
"""A tasklet-lua that runs out of memory ends with a message, wherever that
is."""

import os
import unittest

from daemon import scaled
from faults import EVERY
from lua import WRAPPER, LuaTest

# So many allocations on is the next that fails.
STEP = 1 if EVERY else 200 if WRAPPER else 4000 // scaled(200)

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
    def fail_at(self, number, **more):
        script = self.start("-e", CODE, program=PROGRAM,
                            environment={"FAIL_AT": str(number), **more})
        status, out, err = script.wait()
        script.close()
        return status, out, err

    def check(self, status, out, err):
        """Whether it ended well; else it says why not."""
        if status == 0:
            self.assertEqual((out, err), ("done\n", ""))
        else:
            self.assertEqual(status, 1, err)
            self.assertRegex(err, "^(tasklet-lua|lua_failing): ")
            self.assertIn("memory", err)
        return status == 0

    def test_at_every_allocation(self):
        """That alone fails, which a program may catch, and go on; or all from
        there on do."""
        ended, number = False, 1
        while not ended:
            with self.subTest(number):
                self.check(*self.fail_at(number, FAIL_COUNT="1"))
                ended = self.check(*self.fail_at(number))
            number += STEP


if __name__ == "__main__":
    unittest.main()
