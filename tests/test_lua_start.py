#!/usr/bin/env python3
"""Functions of the daemon and commands that a Lua program starts: their
options, and what it tells of those that fail."""

import unittest

from daemon import eventually
from lua import LuaTest


# One that fails when the gate is cancelled.
HELD = """
local gate = Tasklet.new('sleep')(1e6)
local t = Tasklet.new('fail', {after = gate.id})('boom')
"""


def failed(*messages):
    return "".join("tasklet-lua: task %s\n" % message for message in messages)


class TestFailures(LuaTest):
    def told(self, code):
        """What a program that ends well writes to stderr."""
        status, out, err = self.start("-e", code).wait()
        self.assertEqual((status, out), (0, ""))
        return err

    def test_one_that_nobody_joins_is_told_of(self):
        for code in ("Tasklet.new('fail')('boom')",
                     "t = Tasklet.new('fail')('boom')",
                     "Tasklet.new('fail')('boom') collectgarbage()",
                     "t = Tasklet.new('fail')('boom') print(t.id ~= 0 and '')"
                     ):
            status, _, err = self.start("-e", code).wait()
            self.assertEqual((status, err),
                             (0, failed("'fail' failed: boom")))

    def test_while_the_program_goes_on(self):
        script = self.start("-e", "Tasklet.new('fail')('boom') "
                            "Tasklet.sleep(1e6)")
        eventually(lambda: "boom" in script.text(script.err))
        self.assertIsNone(script.process.poll())

    def test_by_the_tasks_name(self):
        self.assertEqual(
            self.told("Tasklet.new('exec', {name = 'x'})('false')"),
            failed("'x' failed: exit status 1"))

    def test_of_another_program(self):
        provider = self.connect()
        provider.call("provide", functions=[{"name": "theirs", "summary": ""}])
        script = self.start("-e", "Tasklet.new('theirs')()")
        run = provider.read()["params"]
        provider.call("finish", task=run["task"],
                         error={"message": "no", "data": {"traceback": "at x"}})
        self.assertEqual(script.wait()[2],
                         failed("'theirs' failed: no\nat x"))

    def test_one_that_is_joined_is_not(self):
        self.assertEqual(self.told("""
            pcall(Tasklet.join, Tasklet.new('fail')('boom'))
            Tasklet.join_all {Tasklet.new('sleep')(0.1),
                Tasklet.new('fail')('boom'), Tasklet.new('exec')('false')}
            pcall(exec, {'false'})
            """), "")

    def test_nor_one_that_is_joined_by_its_id(self):
        # On a busy machine it may have failed before that.
        eventually(lambda: not self.told("""
            local t = Tasklet.new('exec')('sh', '-c', 'sleep 0.2; false')
            pcall(Tasklet.join, t.id)
            """))

    def test_nor_one_that_was_ended(self):
        self.assertEqual(self.told("""
            Tasklet.new('sleep', {timeout = 0.01})(1e6)
            Tasklet.new('sleep')(1e6):cancel()
            """), "")

    def test_one_whose_joiner_gave_up_is_told_of(self):
        self.assertEqual(self.told(HELD + """
            pcall(t.join, t, 0.01)
            gate:cancel()
            """), failed("'fail' failed: boom"))

    def test_one_that_is_joined_by_others_as_well_is_not(self):
        self.assertEqual(self.told(HELD + """
            Tasklet.new(pcall)(t.join, t)
            pcall(t.join, t, 0.01)
            gate:cancel()
            """), "")

    def test_the_program_waits_for_none_that_is_not_below_it(self):
        self.assertEqual(self.told("""
            Tasklet.new('sleep', {parent = 1, name = 'long'})(1e6)
            Tasklet.new('fail', {parent = 1})('boom')
            """), failed("'fail' failed: boom"))
        self.client.call("cancel", task="long")

    def test_very_many_at_once(self):
        err = self.told("for i = 1, 5000 do Tasklet.new('fail')('x') end")
        self.assertEqual(err, failed("'fail' failed: x") * 5000)


class TestOptions(LuaTest):
    def test_exec_has_all_params_of_spawn(self):
        spawn = next(method for method in
                     self.client.call("rpc.discover")["methods"]
                     if method["name"] == "spawn")
        names = {param["name"] for param in spawn["params"]} - {
            "function", "args", "options"}
        self.assertIn("retry", names)
        for name in names:
            out, = self.lua("print(select(2, pcall(exec, {'true', %s = "
                            "json.object {x = 1}})).message)" % name)
            self.assertTrue(out.startswith(name + ": must be "), out)

    def test_retry(self):
        self.assertEqual(self.lua("""
            local e = select(2, pcall(exec, {"sh", "-c", "echo x; false",
                retry = {times = 2, backoff = 0}}))
            print(e.cause.message, (e.output:gsub("%s", "")))
            """), ["exit status 1\txxx"])

    def test_unique(self):
        self.assertEqual(self.lua("""
            local x = Tasklet.new("sleep", {name = "x"})(1e6)
            print(select(2, pcall(exec, {"true", name = "x",
                unique = true})).type)
            x:cancel()
            """), ["AlreadyExists"])

    def test_run_timeout(self):
        self.assertEqual(self.lua("""
            print(select(2, pcall(exec, {"sleep", "1e6",
                run_timeout = 0.1})).state)
            """), ["failed"])

    def test_parent(self):
        self.assertEqual(self.lua("""
            print(Tasklet.new("sleep", {parent = 1})(0.1):parent().id)
            print(exec{"true", parent = 1}.exit_status)
            """), ["1", "0"])


if __name__ == "__main__":
    unittest.main()
