#!/usr/bin/env python3
"""Timeout.with and Local of tasklet-lua: what goes with a tasklet."""

import re
import unittest

from daemon import eventually, scaled
from lua import LuaTest


class TestTimeout(LuaTest):
    def test_what_ends_in_time_returns_all_its_values(self):
        self.assertEqual(self.lua("""
            print(Timeout.with(5, function(...)
                Tasklet.sleep(0.01)
                return select("#", ...), ...
            end, 1, nil, "x", nil))
            print(pcall(Timeout.with, 5, error, "own", 0))
            Tasklet.sleep(0.01)
            """), ["4\t1\tnil\tx\tnil", "false\town"])

    def test_it_ends_each_kind_of_wait(self):
        self.assertEqual(self.lua("""
            local c, d = Channel(), Channel()
            local function sleeper() Tasklet.sleep(1e6) end
            local here, there = Tasklet.new(sleeper)(), Tasklet.new("sleep")(1e6)
            local function check(name, f, ...)
                local ok, e = pcall(Timeout.with, 0.01, f, ...)
                print(name, ok, e.type, e.seconds, e.place:match(":%d+$"))
            end
            check("sleep", Tasklet.sleep, 1e6)
            check("yield", function() while true do Tasklet.yield() end end)
            check("join", here.join, here)
            check("elsewhere", there.join, there)
            check("many", Tasklet.join_all, {here, there})
            check("receive", Tasklet.receive)
            check("call", here.call, here, 1)
            check("called", there.call, there, 1)
            check("send", c.send, c, 1)
            check("take", d.receive, d)
            check("coroutine", coroutine.wrap(function() Tasklet.sleep(5) end))
            check("command", exec, {"sleep", "1000", name = "command"})
            print(c.balance, d.balance)
            here:cancel()
            there:cancel()
            """), ["%s\tfalse\tTimeoutError\t0.01\t:5" % name for name in (
                "sleep", "yield", "join", "elsewhere", "many", "receive",
                "call", "called", "send", "take", "coroutine", "command")] + [
                    "0\t0"])

    def test_a_time_of_its_own_may_come_first(self):
        self.assertEqual(self.lua("""
            local c = Channel()
            print(pcall(Timeout.with, 5, c.receive, c, 0.01))
            print(pcall(Timeout.with, 0.01, c.receive, c, 5))
            """), ["false\tTimeoutError: the time ran out: nobody sent a value",
                   "false\tTimeoutError: the time ran out: 0.01 s, set at "
                   "FILE:3"])

    def lua(self, code, *arguments):
        return [re.sub("/[^ ]*[.]lua", "FILE", line)
                for line in super().lua(code, *arguments)]

    def test_of_two_the_tighter_wins_and_each_is_told_apart(self):
        self.assertEqual(self.lua("""
            local function inner(seconds)
                local ok, e = pcall(Timeout.with, seconds, Tasklet.sleep, 1e6)
                print("inner", e.seconds)
                Tasklet.sleep(0.3)
                return "went on"
            end
            print(pcall(Timeout.with, 5, inner, 0.01))
            local ok, e = pcall(Timeout.with, 0.02, inner, 5)
            print(ok, e.seconds)
            ok, e = pcall(Timeout.with, 0.2, inner, 0.01)
            print(ok, e.seconds)
            """), ["inner\t0.01", "true\twent on", "inner\t0.02",
                   "false\t0.02", "inner\t0.01", "false\t0.2"])

    def test_it_holds_until_its_end_and_not_longer(self):
        self.assertEqual(self.lua("""
            print(Timeout.with(0.01, function()
                local count = 0
                for i = 1, 3 do
                    if not pcall(Tasklet.sleep, 1) then count = count + 1 end
                end
                return count
            end))
            Tasklet.sleep(0.02)
            print(pcall(Timeout.with, 0.01, error, "x", 0))
            Tasklet.sleep(0.02)
            for _, seconds in ipairs {-1, 0/0, "soon", 1e10} do
                print((pcall(Timeout.with, seconds, print)))
            end
            """), ["3", "false\tx"] + ["false"] * 4)

    def test_a_coroutine_takes_its_own_along(self):
        self.assertEqual(self.lua("""
            local function generate()
                Timeout.with(0.03, function()
                    coroutine.yield("first")
                    Tasklet.sleep(5)
                end)
            end
            local next_one = coroutine.wrap(generate)
            print(next_one())
            Tasklet.sleep(0.05)
            print("not limited")
            local ok, e = pcall(next_one)
            print(ok, e.seconds)
            coroutine.wrap(generate)()
            collectgarbage()
            Tasklet.sleep(0.05)
            """), ["first", "not limited", "false\t0.03"])

    def test_a_new_tasklet_has_none(self):
        self.assertEqual(self.lua("""
            local t = Timeout.with(0.01, function()
                return Tasklet.new(function() Tasklet.sleep(0.05) return 1 end)()
            end)
            print(t:join())
            """), ["1"])

    def test_it_stands_still_while_the_task_is_paused(self):
        eventually(self.stands_still)

    def stands_still(self):
        """Whether it was held in time."""
        script = self.start_code("""
            local function work()
                Timeout.with(0.5, function()
                    Tasklet.sleep(0.2)
                    Tasklet.sleep(0.01)
                end)
                print("in time")
            end
            Tasklet.new(work)()
            Tasklet.sleep(0.7)
            print("main")
            """)
        if not self.held(script, "work"):
            return False
        script.await_line("main")
        self.client.call("resume", task="work")
        self.assertEqual(script.wait(), (0, "main\nin time\n", ""))
        return True

    def test_what_it_closes_is_closed_and_nothing_is_left(self):
        rounds = scaled(100)
        self.assertEqual(self.lua("""
            local rounds, closed = tonumber(arg[1]), 0
            local function hold()
                local held <close> = setmetatable({}, {__close = function()
                    closed = closed + 1
                end})
                Tasklet.sleep(1e6)
            end
            local function limited(seconds) Timeout.with(seconds, hold) end
            local function try(count)
                for i = 1, count do
                    local t = Tasklet.new(limited)(i % 2 == 0 and 0.0001 or 5)
                    Tasklet.yield()
                    if i % 2 == 1 then t:cancel() end
                    pcall(Tasklet.join, t)
                end
                collectgarbage() collectgarbage()
                return collectgarbage("count")
            end
            try(rounds)
            local before = try(rounds)
            local after = try(rounds)
            print(closed == 3 * rounds)
            print(after - before < 20 or after - before)
            """, str(rounds)), ["true", "true"])


class TestLocal(LuaTest):
    def test_each_task_has_its_own(self):
        self.assertEqual(self.lua("""
            local l, other = Local(), Local()
            l.value = 1
            local function work(n)
                local before = l.value
                for i = 1, 5 do l.value = n * i Tasklet.yield() end
                return before, l.value
            end
            local function both(n)
                return {select(2, work(n)), other.value}
            end
            local a, b = Tasklet.new(both)(10), Tasklet.new(both)(100)
            print(a:join()[1], b:join()[1], l.value, other.value)
            print(Tasklet.new(function() return l.value end)():join())
            l.value = nil
            print(l.value)
            """), ["50\t500\t1\tnil", "nil", "nil"])

    def test_its_members_can_be_gone_through(self):
        self.assertEqual(self.lua("""
            local l = Local()
            for k in pairs(l) do print(k) end
            l.a = 1
            coroutine.wrap(function() l[2] = l.a + 1 end)()
            local sum = 0
            for _, v in pairs(l) do sum = sum + v end
            print(sum)
            """), ["3"])

    def test_they_go_with_the_task_or_with_it(self):
        rounds = scaled(500)
        self.assertEqual(self.lua("""
            local rounds, l = tonumber(arg[1]), Local()
            local tasks, seen = {}, setmetatable({}, {__mode = "k"})
            local function work()
                l.value = {("x"):rep(1000)}
                seen[l.value] = true
                Local().own = {l}
            end
            for i = 1, rounds do tasks[i] = Tasklet.new(work)() end
            Tasklet.join_all(tasks)
            collectgarbage() collectgarbage()
            print(next(seen), #tasks)
            for i = 1, rounds do
                local short = Local()
                short.value = {short}
                seen[short.value] = true
            end
            collectgarbage() collectgarbage()
            print(next(seen), l.value)
            """, str(rounds)), ["nil\t%d" % rounds, "nil\tnil"])


if __name__ == "__main__":
    unittest.main()
