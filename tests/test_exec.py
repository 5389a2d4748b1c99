#!/usr/bin/env python3
"""exec: its arguments, its options, its input."""

import os
import unittest

from commands import CommandTest, octets
from daemon import WRAPPER


class TestArguments(CommandTest):
    def test_are_executed_as_they_are(self):
        args = ["", " ", "a b", "'", '"', "$HOME", "`id`", "*", "a\nb", "\t",
                "\\", "é", "\U0001f600", "-n", "--", "; exit 1", "x" * 10000]
        task = self.sh('printf "%s\\0" "$@"', *args)
        self.join(task)
        self.assertEqual(self.text(task), "".join(
            arg + "\0" for arg in args))

    def test_may_be_any_bytes(self):
        every = bytes(range(1, 256))
        task = self.sh('printf %s "$1"', octets(every))
        self.join(task)
        self.assertEqual(self.data(task), every)

    def test_the_command_may_be_bytes(self):
        name = self.path("e").encode() + b"\xff"
        os.symlink(b"/bin/echo", name)
        task = self.exec(octets(name), "hello")
        self.join(task)
        self.assertEqual(self.text(task), "hello\n")

    def test_the_first_is_what_it_is_called(self):
        task = self.exec("cat", "/proc/self/cmdline")
        self.join(task)
        self.assertEqual(self.text(task), "cat\0/proc/self/cmdline\0")

    def test_are_checked_at_once(self):
        self.assert_invalid("command", args=[])
        for arg in (1, True, None, ["x"], {}, {"base64": 1},
                    {"base64": "!"}, {"base64": "AA=="}, {"text": "x"},
                    {"base64": "YQ==", "x": 1}, "a\0b"):
            with self.subTest(arg):
                self.assert_invalid("arg", args=[arg])
                self.assert_invalid("arg", args=["true", arg])


class TestPath(CommandTest):
    def setUp(self):
        super().setUp()
        for folder in ("one", "two"):
            os.mkdir(self.path(folder))

    def script(self, path, mode=0o755):
        with open(self.path(path), "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\necho {path}\n")
        os.chmod(self.path(path), mode)

    def found(self, search, command="command", **options):
        task = self.exec(command, env={"PATH": search}, **options)
        self.join(task)
        return self.text(task).strip()

    def test_is_that_of_the_command_itself(self):
        self.script("two/command")
        self.assertEqual(self.found(f"{self.path('one')}:{self.path('two')}"),
                         "two/command")

    def test_the_first_wins(self):
        self.script("one/command")
        self.script("two/command")
        self.assertEqual(self.found(f"{self.path('one')}:{self.path('two')}"),
                         "one/command")

    def test_what_may_not_be_executed_is_passed_by(self):
        self.script("one/command", 0o644)
        self.script("two/command")
        self.assertEqual(self.found(f"{self.path('one')}:{self.path('two')}"),
                         "two/command")

    def test_no_folder_is_passed_by(self):
        self.script("two/command")
        self.assertEqual(
            self.found(f"/nowhere:/dev/null:{self.path('two')}"),
            "two/command")

    def test_an_empty_entry_is_the_folder_it_runs_in(self):
        self.script("one/command")
        for search in ("", ":", ":/nowhere", "/nowhere:", "/nowhere::/none",
                       "."):
            with self.subTest(search):
                self.assertEqual(self.found(search, cwd=self.path("one")),
                                 "one/command")

    def test_a_relative_entry_is_of_the_folder_it_runs_in(self):
        self.script("one/command")
        self.assertEqual(self.found("one", cwd=self.folder), "one/command")
        self.assertEqual(self.found("../one", cwd=self.path("two")),
                         "one/command")

    def test_a_slash_is_not_searched_for(self):
        self.script("one/command")
        self.assertEqual(self.found("/nowhere", "one/command",
                                    cwd=self.folder), "one/command")
        self.assertEqual(self.found("/nowhere", "./command",
                                    cwd=self.path("one")), "one/command")

    def test_without_one_the_usual_places(self):
        for options in ({"clear_env": True}, {"env": {"PATH": None}}):
            task = self.exec("true", **options)
            self.assertEqual(self.join(task), {"exit_status": 0})

    def test_may_be_bytes(self):
        folder = self.path("f").encode() + b"\xfe"
        os.mkdir(folder)
        os.symlink(b"/bin/echo", folder + b"/command")
        self.join(task := self.exec("command", "hello",
                                    env={"PATH": octets(folder)}))
        self.assertEqual(self.text(task), "hello\n")


class TestEnvironment(CommandTest):
    def environment(self, **options):
        task = self.exec("/usr/bin/env", "-0", **options)
        self.join(task)
        return dict(line.split(b"=", 1)
                    for line in self.data(task).split(b"\0")[:-1])

    def own(self, task_env):
        return {name: value for name, value in task_env.items()
                if name not in (b"TASKLET_ID", b"TASKLET_INSTANCE",
                                b"TASKLET_SOCKET")}

    @unittest.skipIf(WRAPPER, "valgrind gives its own to what it runs")
    def test_is_the_daemons_own(self):
        self.assertEqual(self.own(self.environment()), {
            name: value for name, value in os.environb.items()
            if not name.startswith(b"TASKLET_")
            or name == b"TASKLETD_WRAPPER"})

    def test_adds_and_replaces(self):
        got = self.environment(env={"HOME": "/x", "NEW": "a=b\nc", "EMPTY": "",
                                    "BYTES": octets(b"\xff\xfe")})
        self.assertEqual(got[b"HOME"], b"/x")
        self.assertEqual(got[b"NEW"], b"a=b\nc")
        self.assertEqual(got[b"EMPTY"], b"")
        self.assertEqual(got[b"BYTES"], b"\xff\xfe")
        self.assertIn(b"PATH", got)

    def test_null_takes_away(self):
        got = self.environment(env={"PATH": None, "NEVER_WAS": None})
        self.assertNotIn(b"PATH", got)
        self.assertNotIn(b"NEVER_WAS", got)

    def test_a_variable_is_there_once(self):
        task = self.exec("/usr/bin/env", env={"PATH": "/bin", "HOME": "/x"})
        self.join(task)
        lines = self.text(task).splitlines()
        for name in ("PATH=", "HOME=", "TASKLET_ID=", "TASKLET_INSTANCE=",
                     "TASKLET_SOCKET="):
            self.assertEqual(sum(line.startswith(name) for line in lines), 1)

    def test_cleared(self):
        self.assertEqual(self.own(self.environment(clear_env=True)), {})
        self.assertEqual(self.own(self.environment(
            clear_env=True, env={"A": "1", "B": None})), {b"A": b"1"})
        self.assertGreater(len(self.environment(clear_env=False)), 2)

    def test_tells_the_task_and_the_daemon(self):
        task = self.exec("/usr/bin/env", clear_env=True, env={
            "TASKLET_ID": "1", "TASKLET_INSTANCE": "x",
            "TASKLET_SOCKET": None})
        self.join(task)
        self.assertEqual(sorted(self.text(task).splitlines()), [
            f"TASKLET_ID={task}",
            f"TASKLET_INSTANCE={self.client.call('version')['instance']}",
            f"TASKLET_SOCKET={self.daemon.path}"])

    def test_what_is_wrong(self):
        for env in ([], "A=1", 1, None):
            self.assert_invalid("env", options={"env": env})
        for name in ("", "A=B", "="):
            self.assert_invalid("env", options={"env": {name: "x"}})
        for value in (1, True, [], {}, "a\0b", {"base64": "AA=="}):
            self.assert_invalid("env", "NAME",
                                options={"env": {"NAME": value}})
        self.assert_invalid("clear_env", options={"clear_env": 1})

    def test_a_value_that_is_wrong_is_not_told(self):
        error = self.refusal(self.exec, "true", env={"NAME": "secret\0"})
        self.assertNotIn("secret", str(error.error))


class TestOptions(CommandTest):
    def test_cwd(self):
        folder = self.path("a b").encode() + b"\xff"
        os.mkdir(folder)
        self.join(task := self.exec("pwd", cwd=octets(folder)))
        self.assertEqual(self.data(task), folder + b"\n")
        self.assertEqual(self.run_sh("pwd", cwd=self.folder),
                         self.folder + "\n")
        self.assertEqual(self.run_sh("pwd"), os.getcwd() + "\n")

    def test_umask(self):
        self.assertEqual(self.run_sh("umask", umask=0o027), "0027\n")
        self.assertEqual(self.run_sh("umask", umask=0), "0000\n")
        self.assertEqual(self.run_sh("umask", umask=0o777), "0777\n")
        before = os.umask(0)
        os.umask(before)
        self.assertEqual(int(self.run_sh("umask"), 8), before)

    def test_nice(self):
        here = os.getpriority(os.PRIO_PROCESS, 0)
        self.assertEqual(self.run_sh("nice", nice=19), "19\n")
        self.assertEqual(self.run_sh("nice"), f"{here}\n")

    @unittest.skipIf(os.geteuid(), "only root can be less nice")
    def test_less_nice(self):
        self.assertEqual(self.run_sh("nice", nice=-5), "-5\n")

    def test_ok_status(self):
        for status, statuses, ok in (
                (0, None, True), (1, None, False), (1, [1], True),
                (0, [1], False), (255, [0, 255], True), (3, [], False)):
            options = {} if statuses is None else {"ok_status": statuses}
            task = self.sh("exit $1", str(status), **options)
            if ok:
                self.assertEqual(self.join(task), {"exit_status": status})
            else:
                self.assertEqual(self.failure(task)["data"]["exit_status"],
                                 status)

    def test_what_is_wrong(self):
        for options in (
                {"umask": -1}, {"umask": 0o1000}, {"umask": "022"},
                {"umask": 1.5}, {"nice": 20}, {"nice": -21}, {"nice": "1"},
                {"grace": -1}, {"grace": "5"}, {"grace": None},
                {"kill_signal": "NONE"}, {"kill_signal": 0},
                {"kill_signal": 65}, {"kill_signal": -1},
                {"kill_signal": 9.0}, {"kill_signal": "TERM\0"},
                {"kill_signal": ""}, {"kill_signal": "SIG"},
                {"output": "x"}, {"output": None}, {"output": {}},
                {"output": {"file": 1}}, {"output": {"file": "a\0"}},
                {"output": {"file": "a", "b": 1}}, {"output": "null\0"},
                {"ok_status": 0}, {"ok_status": [256]}, {"ok_status": [-1]},
                {"ok_status": ["0"]}, {"ok_status": [0.5]},
                {"leftovers": "x"}, {"leftovers": True},
                {"leftovers": "keep\0"}, {"cwd": 1}, {"cwd": "a\0b"},
                {"cwd": {"base64": "AA=="}}, {"stdin": 1}, {"stdin": None},
                {"stdin": {"base64": "?"}}, {"stdin_pipe": "yes"},
                {"nonsense": 1}):
            with self.subTest(options):
                self.assert_invalid(*options, options=options)
        self.assert_invalid("stdin_pipe",
                            options={"stdin": "", "stdin_pipe": True})
        self.assert_invalid("options", options=[])

    def test_nobody_elses(self):
        self.assert_invalid("cwd", function="sleep", args=[0],
                            options={"cwd": "/"})


class TestInput(CommandTest):
    def echo(self, **options):
        self.join(task := self.exec("cat", **options))
        return self.data(task)

    def test_is_empty_by_default(self):
        self.assertEqual(self.echo(), b"")
        self.assertEqual(self.run_sh("readlink /proc/self/fd/0"),
                         "/dev/null\n")

    def test_is_text(self):
        for text in ("", "one\ntwo", "a\0b", "é" * 30000):
            self.assertEqual(self.echo(stdin=text), text.encode())

    def test_is_bytes(self):
        for data in (b"", bytes(range(256)), b"\xff" * 50000):
            self.assertEqual(self.echo(stdin=octets(data)), data)

    def test_is_read_to_its_end(self):
        self.assertEqual(self.run_sh("wc -c", stdin="x" * 700000),
                         "700000\n")

    def test_each_run_has_all_of_it(self):
        task = self.client.call("loop", function="exec", args=["cat"],
                                options={"stdin": "again\n"},
                                max_runs=3)["id"]
        self.join(task)
        self.assertEqual(self.text(task), "again\n" * 3)

    def test_not_read_harms_nobody(self):
        self.join(self.exec("true", stdin="x" * 500000))


if __name__ == "__main__":
    unittest.main()
