#!/usr/bin/env python3
"""Programs of tasklet-lua beside one another: what crosses between them, and
what one does to the others by spinning, by being killed, or by nothing."""

import json
import signal
import tempfile
import unittest

from daemon import Daemon, eventually, scaled
from lua import LuaTest, Script

# Each with how the other side has it: its text as JSON, and its kind.
VALUES = (
    ("true", "true", "boolean"),
    ("0", "0", "integer"),
    ("math.maxinteger", "9223372036854775807", "integer"),
    ("math.mininteger", "-9223372036854775808", "integer"),
    ("9007199254740993", "9007199254740993", "integer"),
    ("1.0", "1.0", "float"),
    ("-0.0", "-0.0", "float"),
    ("0.1 + 0.2", "0.30000000000000004", "float"),
    ("2.0^53", "9007199254740992.0", "float"),
    ("1.7976931348623157e308", "1.7976931348623157e+308", "float"),
    ("5e-324", "5e-324", "float"),
    ("''", '""', "string"),
    ("'a\\0\\u{1F600}\\\"\\\\\\n'", '"a\\u0000\U0001f600\\"\\\\\\n"', "string"),
    ("{}", "[]", "table"),
    ("json.object{}", "{}", "table"),
    ("{{}, json.object{}, json.null}", "[[],{},null]", "table"),
    ("{a = {b = {1, 1.0}}}", '{"a":{"b":[1,1.0]}}', "table"),
)

LIST = "{%s}" % ", ".join(value for value, _, _ in VALUES)
KINDS = " ".join(kind for _, _, kind in VALUES)

# Prints the kinds of a list of them, and the text of each.
TELL = """
local function tell(list)
    local kinds = {}
    for i, value in ipairs(list) do
        kinds[i] = math.type(value) or type(value)
    end
    print(table.concat(kinds, " "))
    for _, value in ipairs(list) do print(json.encode(value)) end
end
"""

SLEEPER = """
local function sleeper() Tasklet.sleep(1e6) end
for i = 1, tonumber(arg[1]) do Tasklet.new(sleeper, {name = arg[2]})() end
print(Tasklet.new(sleeper)().id > 0)
"""


class TestValues(LuaTest):
    def check(self, lines):
        self.assertEqual(lines[0], KINDS)
        for got, (value, text, _) in zip(lines[1:], VALUES, strict=True):
            with self.subTest(value):
                self.assertEqual(self.canonical(got), self.canonical(text))

    @staticmethod
    def canonical(text):
        # Which characters are escaped, and how, is free.
        return json.dumps(json.loads(text))

    def join_elsewhere(self, code, joiner):
        """What a program prints that joins a task of another one, which ends
        when that has begun to."""
        gate = self.client.spawn("sleep", 1e6)
        script = self.start_code("""
            local function work()
                pcall(Tasklet.join, %d)
                %s
            end
            pcall(Tasklet.join, Tasklet.new(work)())
            """ % (gate, code))
        other = self.start_code(
            TELL + "print('joins') io.stdout:flush()" + joiner,
            str(self.task("work")["id"]))
        other.await_line("joins")
        self.client.call("cancel", task=gate)
        status, out, err = other.wait()
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(script.wait()[0], 0)
        return out.splitlines()[1:]

    def test_a_result(self):
        self.check(self.join_elsewhere(
            "return " + LIST, "tell(Tasklet.join(tonumber(arg[1])))"))

    def test_an_error(self):
        self.check(self.join_elsewhere("error(%s)" % LIST, """
            local ok, e = pcall(Tasklet.join, tonumber(arg[1]))
            assert(not ok and e.type == "JoinError")
            tell(e.cause.value)
            """))

    def test_arguments_and_result_of_a_provided_function(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/values.lua", "w", encoding="utf-8") as file:
                file.write("return {same = function(...) "
                           "return {...} end}")
            server = self.start("--serve", folder)
            eventually(lambda: "values.same" in [
                f["name"] for f in self.client.call("functions")])
            self.check(self.lua(
                TELL + "tell(Tasklet.new('values.same')("
                "table.unpack(%s)):join())" % LIST))
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), (0, "", ""))


class TestBeside(LuaTest):
    def test_one_that_spins_holds_nobody_up(self):
        spinning = self.start_code("""
            local stuck = Tasklet.new(Tasklet.sleep, {name = "stuck"})
            print(stuck(1e6).id > 0)
            io.stdout:flush()
            while true do end
            """)
        spinning.await_line("true")
        for _ in range(3):
            self.assertEqual(self.lua("""
                local function work(i) Tasklet.sleep(0.01) return i end
                local all = {}
                for i = 1, 100 do all[i] = Tasklet.new(work)(i) end
                local sum = 0
                for _, i in ipairs(Tasklet.join_all(all)) do sum = sum + i end
                print(sum, all[1].id > 0, Tasklet.new("sum")(1, 2):join())
                """), ["5050\ttrue\t3"])
        self.assertIsNone(spinning.process.poll())
        stuck = self.task("stuck")["id"]
        join = self.client.start("join", task=stuck)
        spinning.process.kill()
        self.assert_join_error("failed", self.client.finish, join)

    def test_killed_its_tasks_fail_at_joiners_everywhere(self):
        count = scaled(20000)
        killed = self.start_code(SLEEPER, str(count), "theirs")
        kept = self.start_code(SLEEPER, "1", "kept")
        killed.await_line("true")
        kept.await_line("true")
        first = next(self.client.rows("list", name="theirs"))["id"]
        joiner = self.start_code("""
            local ok, e = pcall(Tasklet.join, tonumber(arg[1]))
            print(e.type, e.state, e.cause.message:match("went away"))
            """, str(first))
        # When so many have ended the first is no longer kept.
        eventually(lambda: [first] in [
            row.get("wait", {}).get("tasks")
            for row in self.client.call("children", task=1)])
        killed.process.kill()
        self.assertEqual(joiner.wait(), (
            0, "JoinError\tfailed\twent away\n", ""))
        eventually(lambda: not list(self.client.rows(
            "list", name="theirs", finished=False)))
        self.assertEqual(
            self.client.call("show", task="kept")["state"], "running")
        self.client.call("cancel", task=self.task("*.lua")["id"])
        self.assertEqual(kept.wait()[0], 1)


class TestRestart(unittest.TestCase):
    CODE = """
        local function work() Tasklet.sleep(1e6) end
        local t = Tasklet.new(work)()
        local remote = Tasklet.new("sleep")(1e6)
        Tasklet.new(Tasklet.join)(remote)
        print(t.id > 0, remote.id > 0)
        if arg[1] == "spins" then
            io.stdout:flush()
            local stop = os.clock() + 0.5
            repeat until os.clock() > stop
        end
        t:join()
        """

    def daemon(self, path=None):
        daemon = Daemon(path)
        self.addCleanup(daemon.kill)
        daemon.await_ready().close()
        return daemon

    def script(self, daemon, *arguments):
        file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.addCleanup(file.close)
        file.write(self.CODE)
        file.flush()
        script = Script(file.name, *arguments, socket=daemon.path)
        self.addCleanup(script.close)
        script.await_line("true\ttrue")
        return script

    def test_a_daemon_that_is_started_anew_knows_nothing_of_a_program(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            for argument in ("waits", "spins"):
                with self.subTest(number=number, argument=argument):
                    self.restart(number, argument)

    def restart(self, number, argument):
        first = self.daemon()
        script = self.script(first, argument)
        first.signal(number)
        if argument == "spins":
            first.signal(number)  # in a hurry: it does not wait for it
        first.wait()
        second = self.daemon(first.path)
        status, out, err = script.wait()
        self.assertEqual((status, out), (1, "true\ttrue\n"))
        self.assertRegex(err, "lost the connection to .*: is taskletd still "
                         "running|the script was cancelled")
        client = second.connect()
        self.addCleanup(client.close)
        self.assertEqual([row["name"] for row in client.rows("list")
                          if row["function"] not in ("taskletd", "client")],
                         [])


if __name__ == "__main__":
    unittest.main()
