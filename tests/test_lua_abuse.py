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

    def test_errors_whose_members_are_anything(self):
        self.assertEqual(self.lua("""
            local function fail(change)
                local ok, e = pcall(Tasklet.join, "nobody")
                change(e)
                error(e)
            end
            for _, change in ipairs {
                    function(e) e.message = {} end,
                    function(e) e.type = {} end,
                    function(e) e.cause = e end,
                    function(e) e[1] = e end,
                    function(e) e.task = print end} do
                local ok, e = pcall(Tasklet.join, Tasklet.new(fail)(change))
                print(e.type, (e.cause.message:gsub("0x%x+", "")))
            end
            """), ["JoinError\tNoSuchTask: table: "] + [
                'JoinError\tno task is called "nobody"'] * 4)

    def test_errors_of_another_program_whose_data_is_anything(self):
        provider = self.connect()
        provider.call("provide", functions=[{"name": "odd", "summary": ""}])
        for data in ({"cause": 5}, {"type": "JoinError", "task": "x"},
                     {"type": "JoinError", "task": {}}, {"cause": {}},
                     {"type": ["x"], "traceback": [1], "reason": {}},
                     {"message": {}}):
            script = self.start("-e", "print(pcall(Tasklet.join, "
                                "Tasklet.new('odd')())) "
                                "Tasklet.new('odd')() return 1")
            for _ in range(2):
                run = provider.read()["params"]
                provider.call("finish", task=run["task"],
                              error={"message": "no", "data": data})
            status, out, err = script.wait()
            self.assertEqual((status, out[:5]), (0, "false"), err)
            self.assertTrue(err.startswith("tasklet-lua: task 'odd' failed"),
                            err)

    def test_commands_with_holes(self):
        self.assertEqual(self.lua("""
            local function try(command)
                print(select(2, pcall(exec, command)))
            end
            try {"true", nil, "b"}
            try {[2] = "true"}
            try {[0] = "true", "true"}
            """), ["at .args[2]: nil is no JSON value: null is json.null",
                   "at .args[1]: nil is no JSON value: null is json.null",
                   "at .options[0]: no key of an object: those are strings"])

    def test_what_cannot_be_sent_says_where(self):
        for code, message in (
                ("Tasklet.new('echo')({print})",
                 "at .args[1][1]: a function is no JSON value"),
                ("exec{('x'):rep(2^20)}", "10"),
                ("Tasklet.current():cancel(5)",
                 "the options are a table, not a number")):
            self.assertIn("tasklet-lua: (command line):2: " + message,
                          self.start("-e", "\n" + code).wait()[2])


if __name__ == "__main__":
    unittest.main()
