#!/usr/bin/env python3
"""Errors and values of tasklet-lua, here and over the socket."""

import unittest

from daemon import RpcError
from lua import LuaTest


class TestErrors(LuaTest):
    def test_any_value_of_json_arrives_whole_at_a_joiner(self):
        self.assertEqual(self.lua("""
            local function fail() error({list = {1, 2.0, "x"}}) end
            local ok, e = pcall(Tasklet.join, Tasklet.new(fail)())
            print(json.encode(e.cause.value.list), e)
            local function other() error(7) end
            ok, e = pcall(Tasklet.join, Tasklet.new(other)())
            print(e.cause.value, e.cause.message)
            """), ['[1,2.0,"x"]\tJoinError: task \'fail\' failed: '
                   '{"list":[1,2.0,"x"]}', "7\t7"])

    def test_a_spawn_that_is_refused_is_told_where_nobody_looks(self):
        refused = "tasklet-lua: a task was not started: there is no function " \
            '"nosuch"\n'
        for code in ("Tasklet.new('nosuch')(1)",
                     "t = Tasklet.new('nosuch')(1)",
                     "Tasklet.new('nosuch')(1) collectgarbage()",
                     "Tasklet.new('nosuch')(1) Tasklet.sleep(0.05)",
                     "Tasklet.new('nosuch')(1) Tasklet.sleep(0.05) "
                     "collectgarbage()"):
            self.assertEqual(self.start("-e", code).wait(), (0, "", refused))

    def test_and_not_where_somebody_does(self):
        self.assertEqual(self.lua("""
            print(pcall(Tasklet.join, Tasklet.new("nosuch")(1)))
            Tasklet.new("sum")(1, 2)
            """), ['false\tNoSuchFunction: there is no function "nosuch"'])

    def test_what_is_called_wrongly_says_so_there(self):
        for call, message in (
                ("Tasklet.new(5)", "Tasklet.new takes a function or the name "
                 "of one, not a number"),
                ("Tasklet.loop('sum')", "Tasklet.loop takes a function, not a "
                 "string"),
                ("Tasklet.new('sum', 3)", "the options are a table, not a "
                 "number"),
                ("Tasklet.new(print, {tiemout = 5})", "there is no option "
                 "'tiemout': Tasklet.new takes name, scope and timeout"),
                ("Tasklet.later(1, print, {scoep = 'wait'})", "there is no "
                 "option 'scoep': Tasklet.later takes name, scope and "
                 "timeout"),
                ("Tasklet.rate(1, print, {immediate = true})", "there is no "
                 "option 'immediate': Tasklet.rate takes name, scope and "
                 "timeout"),
                ("Tasklet.interval(1, print, {immediat = true})", "there is "
                 "no option 'immediat': Tasklet.interval takes immediate, "
                 "name, scope and timeout"),
                ("Tasklet.new(print, {scope = 'x'})", "scope must be detach, "
                 "wait or cancel, not 'x'"),
                ("Tasklet.loop(print, {timeout = 'x'})", "timeout must be a "
                 "number from 0 to 1e9"),
                ("Tasklet.rate(0, print)", "Tasklet.rate takes hertz above "
                 "0, not 0"),
                ("Tasklet.interval('x', print)", "Tasklet.interval takes "
                 "seconds from 0 to 1e9, not x"),
                ("Timeout.with('x', print)", "Timeout.with takes seconds "
                 "from 0 to 1e9, not x"),
                ("Tasklet.current():join('x')", "the seconds must be a number "
                 "from 0 to 1e9, not x"),
                ("exec('ls')", 'exec takes a table, as exec{"ls", "-l"}, not '
                 "a string")):
            status, out, err = self.start("-e", "\n" + call).wait()
            self.assertEqual((status, out, err.splitlines()[0]),
                             (1, "", "tasklet-lua: (command line):2: " +
                              message))

    def test_over_the_socket_too(self):
        code = """
            local function fail() Tasklet.receive() error({code = 5}) end
            Tasklet.new(fail, {name = "failing"})()
            pcall(Tasklet.join_children)
            """
        script = self.start_code(code)
        task = self.task("failing")["id"]
        self.client.call("send", task=task, body="now")
        cause = self.assert_join_error("failed", self.client.call, "join",
                                       task=task)
        self.assertEqual(cause["data"]["type"], "FunctionError")
        self.assertEqual(cause["data"]["value"], {"code": 5})
        self.assertEqual(cause["message"], '{"code":5}')
        self.assertIn("in function", cause["data"]["traceback"])
        self.assertEqual(script.wait()[0], 0)
        self.assertEqual(self.lua("""
            local ok, e = pcall(Tasklet.join, "failing")
            print(e.type, e.state, e.task.name, e.cause.type,
                e.cause.value.code, #e.cause.traceback > 20)
            """), ["JoinError\tfailed\tfailing\tFunctionError\t5\ttrue"])

    def test_an_error_of_an_error(self):
        self.assertEqual(self.lua("""
            local deep
            local function fail() Tasklet.receive() error("deep", 0) end
            local function join()
                deep = Tasklet.new(fail)()
                Tasklet.join(deep)
            end
            local t = Tasklet.new(join)()
            local id = t.id
            deep:send("now")
            local ok, e = pcall(Tasklet.join, t)
            print(e)
            print(e.cause.value.type, e.cause.value.cause.message)
            Tasklet.new(function()
                local ok, e = pcall(Tasklet.join, id)
                print(e.cause.message, e.cause.value.cause.message)
            end)()
            """), ["JoinError: task 'join' failed: task 'fail' failed: deep",
                   "JoinError\tdeep", "task 'fail' failed: deep\tdeep"])

    def test_what_is_no_task_is_refused(self):
        self.assertEqual(self.lua("""
            for _, value in ipairs {{}, print, true} do
                print(select(2, pcall(Tasklet.join, value)))
            end
            print(select(2, pcall(Tasklet.join, "nobody")))
            """), ["a task, an id or a name is expected, not a table",
                   "a task, an id or a name is expected, not a function",
                   "a task, an id or a name is expected, not a boolean",
                   'NoSuchTask: no task is called "nobody"'])

    def test_has_a_traceback(self):
        out, = self.lua("""
            local function deeper() error("boom") end
            local function fail() deeper() end
            local ok, e = pcall(Tasklet.join, Tasklet.new(fail)())
            print((e.cause.traceback:gsub("\\n", "|")))
            """)
        self.assertRegex(out, r"^stack traceback:\|.*in upvalue 'deeper'\|"
                              r".*in function <.*:2>$")

    def test_one_that_nobody_joins_is_told_of(self):
        status, out, err = self.start_code("""
            local function fail() error("boom", 0) end
            Tasklet.new(fail)()
            Tasklet.sleep(0.01)
            """).wait()
        self.assertEqual((status, out), (0, ""))
        self.assertTrue(err.startswith(
            "tasklet-lua: task 'fail' failed: boom\nstack traceback:\n"), err)

    def test_one_that_is_joined_is_not(self):
        self.lua("""
            local function fail() error("boom", 0) end
            pcall(Tasklet.join, Tasklet.new(fail)())
            Tasklet.join_all({Tasklet.new(fail)(), Tasklet.new(fail)()})
            """)

    def test_text_that_is_not_utf8(self):
        self.assertEqual(self.lua(r"""
            local function fail() error("a\xffb", 0) end
            print(pcall(Tasklet.join, Tasklet.new(fail)()))
            """), ["false\tJoinError: task 'fail' failed: a?b"])

    def test_values_that_are_no_json_and_have_no_text(self):
        self.assertEqual(self.lua("""
            local function fail(value) error(value) end
            for _, value in ipairs({print, {print},
                    setmetatable({}, {__tostring = function() return "T" end}),
                    setmetatable({}, {__tostring = error})}) do
                local ok, e = pcall(Tasklet.join, Tasklet.new(fail)(value))
                print(e.cause.type, e.cause.value == value,
                    (e.cause.message:gsub("0x%x+", "")))
            end
            """), ["FunctionError\ttrue\tfunction: ", "FunctionError\ttrue\ttable: ",
                "FunctionError\ttrue\tT",
                "FunctionError\ttrue\tan error without a text"])


class TestResults(LuaTest):
    def result(self, code):
        """Of a task of that function body, as joined over the socket."""
        script = self.start_code("""
            local function work() %s end
            Tasklet.new(work, {name = "work", scope = "wait"})()
            Tasklet.sleep(1e6)
            """ % code)
        try:
            row = next(row for row in self.client.rows("list")
                       if row["name"] == "work")
        except StopIteration:
            row = self.task_of(script)
        try:
            return self.client.call("join", task=row["id"])
        finally:
            self.client.call("cancel", tasks=[
                row["id"] for row in self.client.rows("list", finished=False)
                if row["function"] == "tasklet-lua"])
            script.wait()
            self.client.call("forget", task=row["id"])

    def task_of(self, script):
        from daemon import eventually
        return eventually(lambda: next(
            (row for row in self.client.rows("list")
             if row["name"] == "work"), None))

    def test_arrive_exactly(self):
        for code, want in (
                ("return", None), ("return json.null", None),
                ("return 9007199254740993", 9007199254740993),
                ("return 1.0", 1.0), ("return {}", []),
                ("return json.object{}", {}),
                ("return {1, {a = json.null}}", [1, {"a": None}]),
                ("return 'h\\u{e9}\\0'", "h\u00e9\0")):
            with self.subTest(code):
                value = self.result(code)
                self.assertEqual(value, want)
                self.assertIs(type(value), type(want))

    def test_what_is_no_json_fails_with_its_path(self):
        for code, message in (
                ("return print", "a function is no JSON value"),
                ("return {a = {1, print}}", "at .a[2]: a function"),
                ("return 0/0", "no JSON value"),
                ("return ('x'):rep(2^20)", "too many for the daemon")):
            with self.subTest(code):
                with self.assertRaises(RpcError) as caught:
                    self.result(code)
                self.assertIn("its result cannot be sent: ",
                              str(caught.exception))
                self.assertIn(message, str(caught.exception))

    def test_arguments_and_results_of_the_daemons_functions(self):
        self.assertEqual(self.lua("""
            local v = Tasklet.new("echo")({1, 2.0, {}, json.object {},
                json.null, 9007199254740993}):join()
            print(json.encode(v))
            print(pcall(Tasklet.new("echo"), {print}))
            """)[0], "[[1,2.0,[],{},null,9007199254740993]]")


if __name__ == "__main__":
    unittest.main()
