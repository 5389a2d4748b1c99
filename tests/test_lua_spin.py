#!/usr/bin/env python3
"""Tasklets that run for long without a wait: what comes is heard all the same,
and no other tasklet of the program runs meanwhile."""

import signal
import unittest

from daemon import eventually
from lua import LuaTest

SPINNER = """
local function spin()
    local closing <close> = setmetatable({}, {__close = function()
        print("closed")
    end})
    print("spins") io.stdout:flush()
    while true do end
end
"""


# It is processor time that counts, which a busy machine has little of.
GRACE = 50


class TestSpin(LuaTest):
    def start_spinning(self, code):
        script = self.start_code(code)
        script.await_line("spins")
        return script

    def test_a_cancel_is_raised_where_it_spins(self):
        script = self.start_spinning(SPINNER + """
            print(pcall(Tasklet.join, Tasklet.new(spin)()))
            """)
        self.client.call("cancel", task=self.task("spin")["id"],
                         reason="enough", grace=GRACE)
        self.assertEqual(script.wait(), (
            0, "spins\nclosed\nfalse\tJoinError: task 'spin' was cancelled: "
            "enough\n", ""))

    def test_and_inside_a_coroutine(self):
        script = self.start_spinning(SPINNER + """
            local function work()
                print(pcall(coroutine.wrap(spin)))
                Tasklet.sleep(0.01)
                print("goes on")
            end
            Tasklet.new(work)()
            """)
        self.client.call("cancel", task=self.task("work")["id"],
                         grace=GRACE)
        self.assertEqual(script.wait(), (
            0, "spins\nclosed\nfalse\tCancelled: cancelled\ngoes on\n", ""))

    def test_one_that_swallows_it_is_ended_after_the_grace(self):
        script = self.start_spinning(
            SPINNER + "while true do pcall(spin) end")
        self.client.call("cancel", task=self.task("*.lua")["id"], grace=0.5)
        status, out, err = script.wait()
        self.assertEqual((status, out.splitlines()[0]), (1, "spins"))
        self.assertIn("did not end when it was cancelled", err)

    def test_its_time_runs_out(self):
        status, out, err = self.start_code(SPINNER + """
            local t = Tasklet.new(spin, {timeout = 0.1})()
            print(select(2, pcall(Tasklet.join, t)).state)
            """).wait()
        self.assertEqual((status, out.splitlines()[-1]), (0, "timeout"), err)

    def test_a_signal_ends_the_program(self):
        for _ in range(10):
            script = self.start_spinning(SPINNER + "spin()")
            script.signal(signal.SIGTERM)
            ended = script.wait()
            if ended[0] == 1:
                break  # else 6 seconds were too little of it
        self.assertEqual(ended, (
            1, "spins\nclosed\n", "tasklet-lua: the script was cancelled\n"))

    def test_show_tells_where(self):
        self.start_spinning(SPINNER + "spin()")
        task = self.task("*.lua")["id"]
        told = eventually(lambda: self.client.call(
            "show", task=task).get("describe"))
        self.assertEqual(told["state"], "ready")
        self.assertIn("in local 'spin'", told["traceback"])

    def test_a_pause_holds_it(self):
        script = self.start_spinning(SPINNER + """
            Tasklet.new(spin)()
            Tasklet.sleep(0.01)
            print("beside it")
            """)
        task = self.task("spin")["id"]
        self.client.call("pause", task=task)
        script.await_line("beside it")
        self.client.call("resume", task=task)
        self.client.call("cancel", task=task, grace=GRACE)
        self.assertEqual(script.wait()[0], 0)

    def test_no_other_runs_until_it_waits(self):
        self.assertEqual(self.lua("""
            local count = 0
            local function other() count = count + 1 end
            for i = 1, 100 do Tasklet.new(other)() end
            local stop = os.clock() + 0.3
            repeat until os.clock() > stop
            print(count)
            Tasklet.yield()
            print(count)
            """), ["0", "100"])

    def test_a_hook_of_the_programs_own_is_left_alone(self):
        self.assertEqual(self.lua("""
            local count = 0
            debug.sethook(function() count = count + 1 end, "", 1000)
            local stop = os.clock() + 0.3
            repeat until os.clock() > stop
            print(count > 100, debug.gethook() ~= nil)
            """), ["true\ttrue"])

    def test_nor_is_one_reached_where_lua_cannot_be_suspended(self):
        script = self.start_spinning("""
            local id = Tasklet.current().id
            print("spins") io.stdout:flush();
            ("x"):gsub("x", function()
                local stop = os.clock() + 0.3
                repeat until os.clock() > stop
            end)
            print(pcall(Tasklet.sleep, 1e6))
            """)
        self.client.call("cancel", task=self.task("*.lua")["id"],
                         grace=GRACE)
        self.assertEqual(script.wait()[:2], (
            1, "spins\nfalse\tCancelled: cancelled\n"))


if __name__ == "__main__":
    unittest.main()
