#!/usr/bin/env python3
"""Lua programs that do what nobody should: they harm themselves at most."""

import unittest

from lua import LuaTest


class TestAbuse(LuaTest):
    def test_finalizers_that_start_tasklets_whenever_they_run(self):
        self.assertEqual(self.lua("""
            local count = 0
            local function f() end
            local function litter()
                setmetatable({}, {__gc = function()
                    count = count + 1
                    Tasklet.new(f)()
                    if count < 10000 then litter() end
                end})
            end
            collectgarbage("generational")
            for i = 1, 10 do litter() end
            local function fail(i) error({i = i, x = ("x"):rep(100)}) end
            for i = 1, 1000 do
                pcall(Tasklet.join, Tasklet.new(fail)(i))
            end
            print(count > 10)
            """), ["true"])


if __name__ == "__main__":
    unittest.main()
