#!/usr/bin/env python3
"""tasklet-lua as a program: its options, arguments, commands and its end."""

import os
import signal
import subprocess
import tempfile
import unittest

from daemon import PATIENCE, Daemon, eventually
from lua import SPIN, TASKLET_LUA, WRAPPER, LuaTest, Script


class TestOptions(LuaTest):
    def test_code_before_a_file_and_the_arguments(self):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write("print(x, arg[0] == %r, arg[2], #arg, ...)" % file.name)
            file.flush()
            script = self.start("-e", "x = 7", file.name, "a", "b")
            self.assertEqual(script.wait(), (0, "7\ttrue\tb\t2\ta\tb\n", ""))

    def test_stdin(self):
        done = subprocess.run([TASKLET_LUA, "--socket", self.daemon.path, "-",
                               "x"], input=b"print(...)",
                              capture_output=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, b"x\n", b""))

    def test_wrong_usage(self):
        for arguments in ((), ("--nonsense",), ("-e",),
                          ("--serve", "/tmp", "x.lua")):
            status, out, err = self.start(*arguments).wait()
            self.assertEqual((status, out), (2, ""))
            self.assertIn("try 'tasklet-lua --help'", err)

    def test_version_and_help(self):
        self.assertRegex(self.start("--version").wait()[1],
                         r"^tasklet-lua \d+\.\d+\.\d+\n$")
        self.assertIn("usage: tasklet-lua", self.start("-h").wait()[1])

    def test_a_file_that_is_not_there_or_no_lua(self):
        status, out, err = self.start("/nonexistent.lua").wait()
        self.assertEqual((status, out), (1, ""))
        self.assertIn("tasklet-lua: cannot open /nonexistent.lua", err)
        self.assertIn("syntax error", self.lua_fails("x x x"))

    def test_the_whole_library_is_there(self):
        self.assertEqual(self.lua("""
            print(#os.getenv("PATH") > 0, io.popen("echo hi"):read())
            print(pcall(require, "no.such.module") == false)
            """), ["true\thi", "true"])


class TestStatus(LuaTest):
    def test_an_error_has_a_message_and_a_traceback(self):
        err = self.lua_fails("local function f() error('boom') end\nf()")
        self.assertRegex(err, r"^tasklet-lua: /.*\.lua:1: boom\n"
                              r"stack traceback:\n")

    def test_the_result_is_that_of_the_task(self):
        script = self.start_code("Tasklet.receive() return {1, 'x'}")
        task = self.task("*.lua")["id"]
        self.client.call("send", task=task, body="now")
        self.assertEqual(self.client.call("join", task=task), [1, "x"])
        self.assertEqual(script.wait()[0], 0)

    def test_a_tasklet_that_fails_does_not_fail_the_program(self):
        status, out, err = self.start_code("""
            local function fail() error("boom", 0) end
            Tasklet.new(fail)()
            """).wait()
        self.assertEqual(status, 0)
        self.assertIn("task 'fail' failed: boom", err)

    def test_what_it_prints_is_seen_while_it_waits(self):
        script = self.start("-e", "print('seen') Tasklet.sleep(1e6)")
        script.await_line("seen")
        script.signal(signal.SIGTERM)
        script.wait()

    def test_an_output_that_takes_nothing(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [TASKLET_LUA, "--socket", self.daemon.path, "-e", "print(1)"],
                stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write to stdout", done.stderr)


class TestSignals(LuaTest):
    def start_and_await(self, code, line):
        script = self.start("-e", code)
        script.await_line(line)
        return script

    def test_one_that_goes_on_ends_in_time(self):
        spin = "print('spins') io.stdout:flush() " + SPIN
        ignore = "print('waits') pcall(Tasklet.sleep, 1e6) "
        spinning = [(signal.SIGTERM, self.start_and_await(spin, "spins")),
                    (signal.SIGINT, self.start_and_await(spin, "spins")),
                    (signal.SIGTERM,
                     self.start_and_await(ignore + spin, "waits"))]
        waiting = self.start_and_await(
            "while true do %s end" % ignore, "waits")
        waiting.signal(signal.SIGTERM)
        for number, script in spinning:
            script.signal(number)
        for number, script in spinning:
            status, out, err = script.wait()
            self.assertEqual((status, out.splitlines()[-1], err), (
                -number, "spins", "tasklet-lua: the program did not end when "
                "it was asked to\n"))
        status, _, err = waiting.wait()
        if WRAPPER and status == -signal.SIGTERM:
            return  # slower than the second that the daemon is ahead of it
        self.assertEqual(status, 1)
        self.assertIn("did not end when it was cancelled", err)
        self.assertIn("the script was cancelled", err)


class TestDaemonGone(unittest.TestCase):
    def start_daemon(self):
        daemon = Daemon()
        self.addCleanup(daemon.kill)
        daemon.await_ready().close()
        return daemon

    def start(self, daemon, code):
        script = Script("-e", code, socket=daemon.path)
        self.addCleanup(script.close)
        return script

    def test_no_daemon(self):
        script = Script("-e", "print(1)", socket="/nonexistent/socket")
        self.addCleanup(script.close)
        status, out, err = script.wait()
        self.assertEqual((status, out), (1, ""))
        self.assertIn("cannot connect to /nonexistent/socket", err)

    def test_killed_or_restarted_under_a_program(self):
        for end in (signal.SIGKILL, signal.SIGTERM):
            daemon = self.start_daemon()
            script = self.start(daemon, """
                local function work() Tasklet.sleep(1e6) end
                local t = Tasklet.new(work)()
                print(t.id > 0)
                t:join()""")
            script.await_line("true")
            daemon.signal(end)
            status, out, err = script.wait()
            self.assertEqual((status, out), (1, "true\n"))
            self.assertRegex(err, "lost the connection|was cancelled")


class TestExec(LuaTest):
    def test_its_outcome(self):
        self.assertEqual(self.lua("""
            local r = exec{"sh", "-c", "echo $0 $X; pwd", "a b", cwd = "/",
                env = {X = "y"}, name = "shell"}
            print(r.exit_status, (r.output:gsub("\\n", "|")))
            """), ["0\ta b y|/|"])

    def test_fails_where_the_command_does(self):
        self.assertEqual(self.lua("""
            local ok, e = pcall(exec, {"sh", "-c", "echo why; exit 3"})
            print(ok, e.type, e.cause.exit_status, e.output, e.task.name)
            """), ["false\tJoinError\t3\twhy", "\texec"])

    def test_runs_where_the_program_does(self):
        self.assertEqual(self.lua("""
            print((exec{"sh", "-c", "pwd; echo $LC_ALL"}.output
                :gsub("\\n", "|")))
            """), [os.getcwd() + "|C.UTF-8|"])

    def environment_of(self, code, **environment):
        """What a program of that environment prints: the variables of a
        command, but for those that the daemon sets."""
        done = subprocess.run(
            [os.path.abspath(TASKLET_LUA), "--socket", self.daemon.path, "-e",
             code], env=environment, capture_output=True, text=True,
            timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.own_lines(done.stdout)

    @staticmethod
    def own_lines(text):
        return sorted(line for line in text.splitlines()
                      if not line.startswith("TASKLET_"))

    def test_has_no_variable_of_the_daemon_that_the_program_lacks(self):
        self.assertEqual(self.environment_of(
            'io.write(exec{"/usr/bin/env"}.output)', A="1"), ["A=1"])
        self.assertEqual(self.environment_of(
            'Tasklet.new("exec", {name = "env"})("/usr/bin/env"):join()',
            A="1"), [])
        self.assertEqual(self.own_lines(
            self.client.call("output", task="env")["data"]), ["A=1"])

    def test_the_options_of_its_environment_are_above_that(self):
        code = 'io.write(exec{"/usr/bin/env", env = {B = "2", C = json.null}' \
            '%s}.output)'
        self.assertEqual(self.environment_of(code % "", A="1", B="1", C="1"),
                         ["A=1", "B=2"])
        self.assertEqual(
            self.environment_of(code % ", clear_env = true", A="1"), ["B=2"])
        variables = self.environment_of(code % ", clear_env = false", A="1")
        self.assertIn("PATH=" + os.environ["PATH"], variables)
        self.assertNotIn("A=1", variables)

    def test_its_folder_and_variables_may_be_any_bytes(self):
        with tempfile.TemporaryDirectory(suffix=b"\xff") as folder:
            done = subprocess.run(
                [os.path.abspath(TASKLET_LUA), "--socket", self.daemon.path,
                 "-e", 'exec{"/bin/sh", "-c", "pwd >out; echo $A >>out"}'],
                cwd=folder, env={"A": b"\xfe"}, capture_output=True,
                timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            with open(os.path.join(folder, b"out"), "rb") as file:
                self.assertEqual(file.read(), folder + b"\n\xfe\n")

    def test_a_folder_that_is_gone_is_not_the_daemons(self):
        code = '''
            print(pcall(exec, {"pwd"}))
            print(pcall(Tasklet.new("exec"), "pwd"))
            io.write(exec{"pwd", cwd = "/"}.output)
            '''
        folder = tempfile.mkdtemp()
        done = subprocess.run(
            ["sh", "-c", 'cd "$1" && rmdir "$1" && shift && exec "$@"', "sh",
             folder, os.path.abspath(TASKLET_LUA), "--socket",
             self.daemon.path, "-e", code], capture_output=True, text=True,
            timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[2:], ["/"])
        for line in lines[:2]:
            self.assertRegex(line, r"^false\t.*the current folder is gone")

    def test_a_cancel_ends_the_command_too(self):
        script = self.start_code("""
            local function work() exec{"sleep", "1000", name = "command"} end
            local t = Tasklet.new(work)()
            pcall(Tasklet.join, t)
            """)
        command = self.task("command")["id"]
        self.client.call("cancel", task=self.task("work")["id"], only=True)
        self.assertEqual(script.wait()[0], 0)
        eventually(lambda: self.client.call("show", task=command)["state"] ==
                   "cancelled")

    def test_a_program_as_a_command_of_the_daemon(self):
        task = self.client.spawn("exec", os.path.abspath(TASKLET_LUA), "-e",
                                 "print(Tasklet.current():parent().id)")
        self.assertEqual(self.client.call("join", task=task),
                         {"exit_status": 0})
        self.assertEqual(self.client.call("output", task=task)["data"],
                         "%d\n" % task)

    def test_one_that_spins_there_is_ended_by_a_cancel_of_its_command(self):
        task = self.client.spawn(
            "exec", os.path.abspath(TASKLET_LUA), "-e",
            "print(Tasklet.current().id) io.stdout:flush() " + SPIN)
        eventually(lambda: self.client.call("output", task=task)["data"])
        self.client.call("cancel", task=task, grace=0.1)
        with self.assertRaisesRegex(Exception, "cancelled"):
            self.client.call("join", task=task)


class TestServe(LuaTest):
    MODULE = """
        local M = {}
        -- Counts the words
        -- of a text.
        function M.count(text)
            return select(2, text:gsub("%S+", ""))
        end
        M.nap = function(seconds)
            Tasklet.sleep(seconds)
            return Tasklet.current().name
        end
        return M
        """

    def serve(self, **modules):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, code in modules.items():
            self.write(name, code)
        return self.start("--serve", folder.name)

    def write(self, name, code):
        with open(os.path.join(self.folder, name + ".lua"), "w",
                  encoding="utf-8") as file:
            file.write(code)

    def provided(self):
        return {f["name"]: f["summary"]
                for f in self.client.call("functions") if "." in f["name"]}

    def stop(self, script):
        script.signal(signal.SIGTERM)
        self.assertEqual(script.wait(), (0, "", ""))
        eventually(lambda: not self.provided())

    def test_functions_with_their_comments(self):
        script = self.serve(words=self.MODULE)
        eventually(self.provided)
        self.assertEqual(self.provided(), {
            "words.count": "Counts the words of a text.", "words.nap": ""})
        task = self.client.spawn("words.count", "a b  c")
        self.assertEqual(self.client.call("join", task=task), 3)
        self.stop(script)

    def test_a_run_is_cancelled_and_fails_as_a_task(self):
        script = self.serve(words=self.MODULE)
        eventually(self.provided)
        task = self.client.spawn("words.nap", 1e6)
        told = eventually(lambda: self.described(task))
        self.assertEqual(told["created_at"], os.path.join(
            self.folder, "words.lua:8"))
        self.client.call("cancel", task=task)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task)
        bad = self.client.spawn("words.count")
        cause = self.assert_join_error("failed", self.client.call, "join",
                                       task=bad)
        self.assertIn("words.lua:6", cause["message"])
        self.stop(script)

    def test_recurs(self):
        script = self.serve(words=self.MODULE)
        eventually(self.provided)
        task = self.client.call("interval", function="words.nap", args=[0.01],
                                seconds=0.01, max_runs=3, immediate=True)["id"]
        self.assertEqual(self.client.call("join", task=task), "words.nap")
        self.assertEqual(self.client.call("show", task=task)["runs"], 3)
        self.stop(script)

    def test_reloads_whole(self):
        script = self.serve(words=self.MODULE.replace(
            "Tasklet.sleep(seconds)", "Tasklet.receive()"))
        eventually(self.provided)
        running = self.client.spawn("words.nap")
        eventually(lambda: self.described(running))
        self.write("words", "return {other = function() return 2 end}")
        self.write("more", "return {one = function() return 1 end}")
        script.signal(signal.SIGHUP)
        eventually(lambda: "more.one" in self.provided())
        self.assertEqual(sorted(self.provided()), ["more.one", "words.other"])
        self.client.call("send", task=running, body="now")
        self.assertEqual(self.client.call("join", task=running), "words.nap")
        task = self.client.spawn("more.one")
        self.assertEqual(self.client.call("join", task=task), 1)
        self.stop(script)

    def test_or_not_at_all(self):
        script = self.serve(words=self.MODULE)
        eventually(self.provided)
        before = self.provided()
        for code, why in (("return {", "expected"), ("return 7", "no table"),
                          ("error('boom')", "boom")):
            self.write("more", code)
            script.signal(signal.SIGHUP)
            eventually(lambda: why in script.text(script.err))
            self.assertEqual(self.provided(), before)
        task = self.client.spawn("words.count", "a")
        self.assertEqual(self.client.call("join", task=task), 1)
        script.signal(signal.SIGTERM)
        status, _, err = script.wait()
        self.assertEqual(status, 0)
        self.assertEqual(err.count("all stays as it was"), 3)

    def test_what_cannot_be_served_at_all(self):
        status, _, err = self.start("--serve", "/nonexistent").wait()
        self.assertEqual(status, 1)
        self.assertIn("cannot read the folder", err)
        status, _, err = self.serve(bad="return 7").wait()
        self.assertEqual(status, 1)
        self.assertIn("returns no table of functions", err)

    def test_a_signal_that_who_started_it_has_ignored(self):
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            script = self.start_code("""
                print("begun") io.stdout:flush()
                Tasklet.sleep(0.3)
                print("goes on")
                """)
        finally:
            signal.signal(signal.SIGINT, before)
        script.await_line("begun")
        script.signal(signal.SIGINT)
        self.assertEqual(script.wait(), (0, "begun\ngoes on\n", ""))

    def test_what_it_tells_does_nothing_to_a_terminal(self):
        _, _, err = self.start_code(r"""
            Tasklet.new(function() error("a\27]0;T\7\u{202e}") end)()
            """).wait()
        self.assertIn(r"a\u001b]0;T\u0007\u202e", err)


if __name__ == "__main__":
    unittest.main()
