#!/usr/bin/env python3
"""What others see of a program's tasklets, and do to them."""

import os
import signal
import time
import unittest

from daemon import eventually, scaled
from lua import SPIN, WRAPPER, LuaTest

SLEEPER = """
local function sleeper()
    Tasklet.sleep(1e6)
end
Tasklet.new(sleeper)()
"""


class TestShow(LuaTest):
    def test_what_it_does_and_where(self):
        script = self.start_code(SLEEPER)
        task = self.task("sleeper")["id"]
        told = eventually(lambda: self.described(task))
        name = script.process.args[-1]
        self.assertEqual(told["state"], "sleeping")
        self.assertRegex(told["wait"], r"^sleep, (99999\d|1000000)\.\d+ s left$")
        self.assertEqual(told["line"], name + ":2")
        self.assertEqual(told["created_at"], name + ":4")
        self.assertIn("in function <%s:1>" % name, told["traceback"])
        self.client.call("cancel", task="sleeper")
        self.assertEqual(script.wait()[0], 0)

    def test_each_kind_of_wait(self):
        script = self.start_code(SLEEPER + """
            local function join() Tasklet.join(Tasklet.get("sleeper")) end
            Tasklet.new(join)()
            local function ask() Tasklet.new("sleep")(1e6):join() end
            Tasklet.new(ask)()
            local function inside()
                local function deep() Tasklet.sleep(1e6) end
                coroutine.wrap(function() deep() end)()
            end
            Tasklet.new(inside)()
            """)
        sleeper = self.task("sleeper")["id"]
        for name, state, wait in (
                ("join", "waiting", "join of task %d sleeper" % sleeper),
                ("ask", "waiting", "the daemon's answer")):
            task = self.task(name)["id"]
            told = eventually(lambda: self.waits(task, wait))
            self.assertEqual(told["state"], state)
        task = self.task("inside")["id"]
        told = eventually(lambda: self.waits_in(task, "sleeping"))
        self.assertIn("'deep'", told["traceback"])
        self.assertEqual(told["traceback"].count("stack traceback:"), 2)
        self.client.call("cancel", task=self.task("*.lua")["id"])
        self.assertEqual(script.wait()[0], 1)

    def waits_in(self, task, state):
        told = self.described(task)
        return told if told.get("state") == state else None

    def waits(self, task, wait):
        told = self.described(task)
        return told if told.get("wait") == wait else None

    def test_one_that_spins_does_not_answer_and_harms_nobody(self):
        script = self.start_code("""
            local id = Tasklet.current().id
            print("spins") io.stdout:flush()
            """ + SPIN)
        beside = self.start_code(SLEEPER)
        script.await_line("spins")
        spinning = next(row["id"] for row in self.client.rows("list")
                        if row["name"] == os.path.basename(
                            script.process.args[-1]))
        self.assertEqual(self.described(spinning), {})
        sleeper = self.task("sleeper")["id"]
        eventually(lambda: self.waits_in(sleeper, "sleeping"))
        self.client.call("cancel", task=spinning, grace=0.05)
        eventually(lambda: self.client.call("show", task=spinning)["state"] ==
                   "cancelled")
        script.process.kill()
        self.client.call("cancel", task="sleeper")
        self.assertEqual(beside.wait()[0], 0)


class TestPause(LuaTest):
    def test_what_was_left_of_a_sleep_stands_still(self):
        eventually(self.stands_still)

    def stands_still(self):
        """Whether it was held in time."""
        script = self.start_code("""
            local function nap() Tasklet.sleep(0.5) print("woke") end
            Tasklet.new(nap)()
            Tasklet.sleep(0.7)
            print("main")
            """)
        if not self.held(script, "nap"):
            return False
        script.await_line("main")
        self.assertNotIn("woke", script.lines())
        self.client.call("resume", task="nap")
        self.assertEqual(script.wait(), (0, "main\nwoke\n", ""))
        return True

    def test_one_that_is_ready_is_held(self):
        script = self.start_code("""
            local count = 0
            local function spin()
                while true do count = count + 1 Tasklet.yield() end
            end
            Tasklet.new(spin)()
            local last
            repeat
                last = count
                Tasklet.sleep(0.02)
            until count == last and count > 0
            print("held")
            repeat Tasklet.sleep(0.01) until count > last
            print("goes on")
            """)
        task = self.task("spin")["id"]
        self.client.call("pause", task=task)
        script.await_line("held")
        self.client.call("resume", task=task)
        script.await_line("goes on")
        self.client.call("cancel", task=task)
        self.assertEqual(script.wait()[0], 0)

    def test_a_subtree(self):
        script = self.start_code(SLEEPER)
        task = self.task("sleeper")["id"]
        self.client.call("pause", task=self.task("*.lua")["id"])
        eventually(lambda: self.described(task).get("state") == "paused")
        self.client.call("cancel", task=task)
        self.client.call("resume", task=self.task("*.lua")["id"])
        self.assertEqual(script.wait()[0], 0)


class TestCancel(LuaTest):
    def test_is_raised_where_it_waits(self):
        script = self.start_code("""
            local function work()
                local closing <close> = setmetatable({}, {__close = function()
                    print("closed")
                end})
                local ok, e = pcall(Tasklet.sleep, 1e6)
                print(ok, e, e.type, e.reason)
                Tasklet.sleep(0.01)
                print("cleaned up")
                error(e, 0)
            end
            print(select(2, pcall(Tasklet.join, Tasklet.new(work)())))
            """)
        self.client.call("cancel", task=self.task("work")["id"],
                         reason="enough")
        status, out, err = script.wait()
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out.splitlines(), [
            "false\tCancelled: enough\tCancelled\tenough", "cleaned up",
            "closed", "JoinError: task 'work' was cancelled: enough"])

    def test_whatever_it_returns_it_is_cancelled(self):
        self.assertEqual(self.lua("""
            local function stubborn() pcall(Tasklet.sleep, 1e6) return 7 end
            local t = Tasklet.new(stubborn)()
            Tasklet.yield()
            t:cancel()
            print(select(2, pcall(Tasklet.join, t)).state)
            """), ["cancelled"])

    def test_one_that_never_ran_never_does(self):
        script = self.start_code("""
            local count = 0
            local function work()
                count = count + 1
                if count == 1 then print("runs") io.stdout:flush() end
                local stop = os.clock() + 0.001
                repeat until os.clock() > stop
            end
            for i = 1, 5000 do Tasklet.new(work)() end
            pcall(Tasklet.sleep, 1e6)
            print(count < 5000)
            """)
        script.await_line("runs")
        main = self.task("*.lua")["id"]
        # Not by show, which may wait a second for the program.
        eventually(lambda: self.task("*.lua")["children"] > 3000)
        self.client.call("cancel", task=main, grace=50)
        self.assertEqual(script.wait()[:2], (1, "runs\ntrue\n"))

    def test_one_that_swallows_it_is_ended_after_the_grace(self):
        script = self.start_code("""
            local function stubborn()
                while true do pcall(Tasklet.sleep, 1e6) end
            end
            local t = Tasklet.new(stubborn)()
            print(select(2, pcall(Tasklet.join, t)))
            """)
        self.client.call("cancel", task=self.task("stubborn")["id"],
                         grace=0.1)
        self.assertEqual(script.wait(), (
            0, "JoinError: task 'stubborn' was cancelled\n",
            "tasklet-lua: task 'stubborn' did not end when it was cancelled: "
            "it goes on no more\n"))

    def test_of_the_program_ends_it(self):
        script = self.start_code(SLEEPER)
        self.task("sleeper")
        self.client.call("cancel", task=self.task("*.lua")["id"])
        self.assertEqual(script.wait(),
                         (1, "", "tasklet-lua: the script was cancelled\n"))

    def test_ctrl_c_and_term_cancel(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            script = self.start_code("""
                local t = Tasklet.new(Tasklet.sleep)(1e6)
                local id = t.id
                print("waits")
                local ok, e = pcall(Tasklet.join, t)
                print(e.type)
                """)
            script.await_line("waits")
            script.signal(number)
            self.assertEqual(script.wait(), (
                1, "waits\nCancelled\n",
                "tasklet-lua: the script was cancelled\n"))

    @unittest.skipIf(WRAPPER, "valgrind catches all signals itself")
    def test_a_second_one_ends_a_program_that_never_waits(self):
        script = self.start_code("""
            print("spins") io.stdout:flush()
            """ + SPIN)
        script.await_line("spins")
        script.signal(signal.SIGINT)
        eventually(lambda: self.is_pending_no_more(script, signal.SIGTERM))
        script.signal(signal.SIGTERM)
        self.assertEqual(script.process.wait(60), -signal.SIGTERM)

    def is_pending_no_more(self, script, number):
        """Whether its first one is handled: the default action is back."""
        with open("/proc/%d/status" % script.process.pid,
                  encoding="ascii") as status:
            caught = next(line for line in status
                          if line.startswith("SigCgt:"))
        return int(caught.split()[1], 16) >> (number - 1) & 1 == 0

    def test_very_many_at_once(self):
        count = scaled(20000)
        script = self.start_code("""
            local function sleeper() Tasklet.sleep(1e6) end
            for i = 1, tonumber(arg[1]) do Tasklet.new(sleeper)() end
            Tasklet.sleep(0)
            print(Tasklet.new(sleeper)().id > 0)
            """, str(count))
        script.await_line("true")
        before = time.monotonic()
        self.client.call("cancel", task=self.task("*.lua")["id"], grace=50)
        self.assertEqual(script.wait()[0], 1)
        self.assertLess(time.monotonic() - before, 40)


class TestRefused(LuaTest):
    options = ("--max-tasks", "20")

    def test_what_the_daemon_does_not_take_fails(self):
        status, out, err = self.start_code("""
            local function nap() Tasklet.sleep(0.3) return 1 end
            local function make()
                local t = Tasklet.new(nap)()
                return t:join()
            end
            local tasks = {}
            for i = 1, 30 do tasks[i] = Tasklet.new(make)() end
            local done, failed = 0, 0
            for _, r in ipairs(Tasklet.join_all(tasks)) do
                local cause = r
                while type(cause) == "table" and cause.cause do
                    cause = cause.cause.value or cause.cause
                end
                if r == 1 then
                    done = done + 1
                elseif cause.type == "LimitExceeded" then
                    failed = failed + 1
                end
            end
            print(done < 20, failed > 10, done + failed)
            print(Tasklet.new(nap)():join())
            """).wait()
        self.assertEqual((status, out), (0, "true\ttrue\t30\n1\n"), err)


class TestEnd(LuaTest):
    def test_killed_its_tasks_fail_and_only_those(self):
        script = self.start_code(SLEEPER)
        task = self.task("sleeper")["id"]
        join = self.client.start("join", task=task)
        script.process.kill()
        cause = self.assert_join_error("failed", self.client.finish, join)
        self.assertIn("went away", cause["message"])

    def test_a_signal_to_the_program_under_a_command(self):
        script = self.start("-e", "Tasklet.sleep(1e6)", environment={
            "TASKLET_ID": str(self.bystander_task)})
        row = self.task("tasklet-lua")
        self.assertEqual(row["parent"], self.bystander_task)
        script.signal(signal.SIGTERM)
        self.assertEqual(script.wait()[0], 1)

    def test_a_stale_id_is_ignored(self):
        for stale in ("987654321", "x", ""):
            script = self.start("-e", "print(1)",
                                environment={"TASKLET_ID": stale})
            self.assertEqual(script.wait(), (0, "1\n", ""))


if __name__ == "__main__":
    unittest.main()
