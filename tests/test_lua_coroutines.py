#!/usr/bin/env python3
"""A program's own coroutines inside tasklets, and waits where none can be."""

import unittest

from lua import LuaTest


class TestInside(LuaTest):
    def test_values_go_back_and_forth(self):
        self.assertEqual(self.lua("""
            local co = coroutine.create(function(a, b)
                local c = coroutine.yield(a + b)
                local d, e = coroutine.yield(c * 2)
                return d, e
            end)
            print(coroutine.resume(co, 1, 2))
            print(coroutine.resume(co, 10))
            print(coroutine.resume(co, "x", "y"))
            print(coroutine.resume(co))
            print(coroutine.status(co))
            """), ["true\t3", "true\t20", "true\tx\ty",
                   "false\tcannot resume dead coroutine", "dead"])

    def test_a_sleep_inside_suspends_the_whole_tasklet(self):
        self.assertEqual(self.lua("""
            local function ticks(n)
                return coroutine.wrap(function()
                    for i = 1, n do
                        Tasklet.sleep(0.02)
                        coroutine.yield(i)
                    end
                end)
            end
            local function count(name)
                for i in ticks(3) do print(name .. i) end
            end
            Tasklet.new(count)("a")
            Tasklet.new(count)("b")
            """), ["a1", "b1", "a2", "b2", "a3", "b3"])

    def test_ten_deep(self):
        self.assertEqual(self.lua("""
            local function nest(level)
                if level == 0 then
                    Tasklet.sleep(0.01)
                    local t = Tasklet.new(function() return "joined" end)()
                    return t:join(), coroutine.yield("out")
                end
                local inner = coroutine.wrap(nest)
                local first = inner(level - 1)
                local back = coroutine.yield(first)
                return inner(back)
            end
            local co = coroutine.wrap(nest)
            print(co(10))
            print(co("in"))
            """), ["out", "joined\tin"])

    def test_one_that_waits_is_busy(self):
        self.assertEqual(self.lua("""
            local co = coroutine.create(function() Tasklet.sleep(0.05) end)
            local t = Tasklet.new(function() return coroutine.resume(co) end)()
            Tasklet.yield()
            print(coroutine.status(co), coroutine.resume(co))
            print(pcall(coroutine.close, co))
            print(t:join(), coroutine.status(co))
            """), ["normal\tfalse\tcannot resume non-suspended coroutine",
                   "false\tcannot close a normal coroutine",
                   "true\tdead"])

    def test_one_goes_on_in_another_tasklet(self):
        self.assertEqual(self.lua("""
            local co = coroutine.create(function()
                local first = Tasklet.current()
                coroutine.yield()
                Tasklet.sleep(0.01)
                return first ~= Tasklet.current()
            end)
            coroutine.resume(co)
            local function go_on() return select(2, coroutine.resume(co)) end
            print(Tasklet.new(go_on)():join())
            """), ["true"])

    def test_an_error_after_a_wait(self):
        self.assertEqual(self.lua("""
            local function fail() Tasklet.sleep(0.01) error({code = 5}) end
            local ok, e = coroutine.resume(coroutine.create(fail))
            print(ok, e.code)
            ok, e = pcall(coroutine.wrap(fail))
            print(ok, e.code)
            local function text() Tasklet.sleep(0) error("text", 0) end
            ok, e = pcall(coroutine.wrap(text))
            print(ok, e:match("text$"))
            """), ["false\t5", "false\t5", "false\ttext"])

    def test_a_cancel_is_raised_at_the_innermost_wait(self):
        self.assertEqual(self.lua("""
            local function inner()
                local ok, e = pcall(Tasklet.sleep, 1e6)
                print("inner", e.type)
                error(e, 0)
            end
            local function outer()
                local ok, e = pcall(coroutine.wrap(inner))
                print("outer", e.type)
                error(e, 0)
            end
            local t = Tasklet.new(outer)()
            Tasklet.yield()
            t:cancel()
            print(select(2, pcall(Tasklet.join, t)).state)
            """), ["inner\tCancelled", "outer\tCancelled", "cancelled"])

    def test_a_tasklet_is_no_coroutine_to_its_program(self):
        self.assertEqual(self.lua("""
            print(select(2, coroutine.running()), coroutine.isyieldable())
            print(pcall(coroutine.yield))
            print(coroutine.wrap(function()
                return select(2, coroutine.running()), coroutine.isyieldable()
            end)())
            """), ["true\tfalse",
                   "false\tattempt to yield from outside a coroutine",
                   "false\ttrue"])

    def test_close_runs_what_is_to_be_closed(self):
        self.assertEqual(self.lua("""
            local co = coroutine.create(function()
                local x <close> = setmetatable({}, {__close = function()
                    print("closed", pcall(Tasklet.sleep, 0.01))
                end})
                coroutine.yield()
            end)
            coroutine.resume(co)
            print(coroutine.close(co), coroutine.status(co))
            """), ["closed\tfalse\tcannot wait here: called by a function that "
                   "cannot be suspended (such as string.gsub, table.sort, load "
                   "or coroutine.close)", "true\tdead"])

    def test_depth_has_its_limit_and_no_crash(self):
        self.assertEqual(self.lua("""
            local function nest() return coroutine.wrap(nest)() end
            local ok, e = pcall(nest)
            print(ok, tostring(e):match("C stack overflow"))
            """), ["false\tC stack overflow"])

    def test_iterators_and_metamethods_may_wait(self):
        self.assertEqual(self.lua("""
            local t = setmetatable({}, {
                __index = function(_, key) Tasklet.sleep(0.01) return key end,
                __add = function(a, b) Tasklet.yield() return b end,
                __close = function() Tasklet.sleep(0.01) print("closed") end})
            do local c <close> = t end
            print(t.x, t + 2, pcall(pcall, Tasklet.sleep, 0.01))
            print(xpcall(Tasklet.sleep, print, 0.01))
            """), ["closed", "x\t2\ttrue\ttrue", "true"])


class TestNowhere(LuaTest):
    def test_where_lua_cannot_yield_a_wait_is_an_error(self):
        for call in ('("x"):gsub("x", wait)', "table.sort({1, 2}, wait)",
                     "load(wait)", "tostring(setmetatable({}, "
                     "{__tostring = wait}))"):
            with self.subTest(call):
                out, = self.lua("""
                    local seen
                    local function wait()
                        local ok, e = pcall(Tasklet.sleep, 0.01)
                        seen = e
                    end
                    pcall(function() return %s end)
                    print(seen)
                    """ % call)
                self.assertRegex(out, "^cannot wait here: called by")

    def test_neither_inside_a_coroutine_there(self):
        self.assertEqual(self.lua("""
            local seen
            local function wait()
                coroutine.wrap(function()
                    seen = select(2, pcall(Tasklet.yield))
                end)()
            end
            ("x"):gsub("x", wait)
            print((seen:gsub(":.*", "")))
            Tasklet.yield()
            """), ["cannot wait here"])


if __name__ == "__main__":
    unittest.main()
