#!/usr/bin/env python3
"""The programs of examples/, each run, and what it prints looked at."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from unittest import mock

from daemon import Daemon, eventually
from lua import TASKLET_CTL, TASKLET_LUA, LuaTest

EXAMPLES = os.path.join(os.environ.get("top_srcdir", "."), "examples")


class TestExamples(LuaTest):
    def example(self, name, *arguments):
        return self.start(os.path.join(EXAMPLES, name), *arguments)

    def run_example(self, name, *arguments):
        """The lines of one that ends well."""
        status, out, err = self.example(name, *arguments).wait()
        self.assertEqual((status, err), (0, ""))
        return out.splitlines()

    def watch_example(self, name, count):
        """The first lines of one that goes on until Ctrl-C."""
        script = self.example(name)
        eventually(lambda: len(script.lines()) >= count)
        lines = script.lines()[:count]
        script.signal(signal.SIGINT)
        status, _, err = script.wait()
        self.assertEqual((status, err),
                         (1, "tasklet-lua: the script was cancelled\n"))
        return lines

    def test_greeting(self):
        self.assertEqual(self.run_example("greeting.lua"),
                         ["start done.", "Hello", "World"])

    def test_alternate(self):
        self.assertEqual(self.watch_example("alternate.lua", 6),
                         ["Hello", "World"] * 3)

    def test_join(self):
        self.assertEqual(self.run_example("join.lua"), ["30", "70"])

    def test_recur(self):
        lines = self.watch_example("recur.lua", 15)
        self.assertEqual(lines[:2], ["Hello World"] * 2)
        self.assertIn(lines[2:4], (["Hi There!", "Hello World"],
                                   ["Hello World", "Hi There!"]))
        self.assertGreaterEqual(lines.count("Hello World"), 9)
        self.assertLessEqual(lines.index("Hi There!"), 3)

    def test_current(self):
        lines = self.watch_example("current.lua", 4)
        for i, line in enumerate(lines):
            self.assertRegex(line, r"^task \d+ greeting\tTask %d$" %
                             (i % 2 + 1))
        self.assertEqual(lines[0].split("\t")[0], lines[2].split("\t")[0])
        self.assertNotEqual(lines[0].split("\t")[0], lines[1].split("\t")[0])

    def test_tree(self):
        eventually(self.shows_tree)

    def shows_tree(self):
        """Whether it looked at the tree before all had ended."""
        tree = ["tree.lua", "\ttask1", "\ttask2", "\ttask3"]
        lines = self.watch_example("tree.lua", 11)
        self.assertEqual(lines[:3], ["Hello", "World", "Hi There"])
        return lines[3:7] == tree

    def test_fanout(self):
        status, out, err = self.example("fanout.lua", "50", "echo hello",
                                        "exit 3", "exit 4").wait()
        self.assertEqual(
            (status, re.sub("task [0-9]+", "task N", out).splitlines()),
            (1, ["echo hello: hello", "exit 3: task N failed: exit status 3",
                 "exit 4: task N failed: exit status 4"]))
        self.assertIn("tasklet-lua: 2 of 3 commands failed\n", err)
        status, out, err = self.example("fanout.lua", "1",
                                        "sleep 1000").wait()
        self.assertEqual((status, out),
                         (1, "sleep 1000: it takes too long\n"))
        self.assertIn("tasklet-lua: 1 of 1 commands failed\n", err)
        self.assertEqual(self.run_example("fanout.lua", "5", "echo hello"),
                         ["echo hello: hello"])

    def test_supervisor(self):
        with tempfile.TemporaryDirectory() as folder:
            lines = self.run_example(
                "supervisor.lua", "5", "sh", "-c",
                "echo >>%s/tries; [ $(wc -l <%s/tries) = 3 ]" %
                (folder, folder))
        self.assertEqual([re.sub(": .*", "", line) for line in lines],
                         ["try 1", "try 2", "try 3 succeeded"])
        status, out, err = self.example("supervisor.lua", "2",
                                        "false").wait()
        self.assertEqual((status, len(out.splitlines())), (1, 2))
        self.assertIn("tasklet-lua: it failed too often", err)

    def test_pool(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [os.path.join(folder, str(i)) for i in range(10)]
            for i, path in enumerate(files):
                with open(path, "w", encoding="ascii") as file:
                    file.write("x\n" * i)
            self.assertEqual(self.run_example("pool.lua", "3", *files),
                             ["%s: %d" % (path, i)
                              for i, path in enumerate(files)])
            status, _, err = self.example("pool.lua", "2",
                                          folder + "/none").wait()
        self.assertEqual(status, 1)
        self.assertIn("failed", err)

    def test_those_that_take_arguments_say_which(self):
        for name in ("fanout.lua", "pool.lua", "supervisor.lua"):
            status, out, err = self.example(name).wait()
            self.assertEqual((status, out), (1, ""))
            self.assertIn("what? %s " % name, err.splitlines()[0])

    def test_pingpong(self):
        self.assertEqual(self.run_example("pingpong.lua", "2"),
                         ["ping 1", "pong 1", "ping 2", "pong 2"])
        self.assertEqual(len(self.run_example("pingpong.lua")), 12)

    def test_primes(self):
        self.assertEqual(self.run_example("primes.lua", "4"),
                         ["2", "3", "5", "7"])
        self.assertEqual(self.run_example("primes.lua")[-1], "29")


class TestServe(unittest.TestCase):
    """Functions that are always there."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="serve.")
        self.addCleanup(shutil.rmtree, self.folder)
        functions = self.put("functions/math.lua", """
            return {square = function(x) return x * x end}
            """)
        with open(os.path.join(EXAMPLES, "serve.jsonl"),
                  encoding="utf-8") as file:
            text = file.read()
        self.assertIn("/etc/tasklet/functions", text)
        self.tasks = self.put("tasks.d/serve.jsonl", text.replace(
            "/etc/tasklet/functions", os.path.dirname(functions)))

    def put(self, name, text):
        path = os.path.join(self.folder, name)
        os.mkdir(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_it_is_right(self):
        for path in (os.path.join(EXAMPLES, "serve.jsonl"), self.tasks):
            subprocess.run([TASKLET_CTL, "check", path], check=True)

    def test_it_is_started_again_when_it_ends(self):
        program = os.path.dirname(os.path.abspath(TASKLET_LUA))
        with mock.patch.dict(os.environ, {
                "PATH": program + ":" + os.environ["PATH"]}):
            daemon = Daemon(options=("--tasks", os.path.dirname(self.tasks)))
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        for _ in range(2):
            pid = self.await_functions(client)
            task = client.spawn("math.square", 7)
            self.assertEqual(client.call("join", task=task), 49)
            os.kill(pid, signal.SIGTERM)
            eventually(lambda: self.shown(client).get("pid") not in (None, pid))
        # It runs already, and is what is shown by that name.
        self.assertEqual(client.call("reload")["errors"], [])
        self.await_functions(client)

    @staticmethod
    def shown(client):
        return client.call("show", task="functions")

    def await_functions(self, client):
        """The pid of what provides them."""
        eventually(lambda: "math.square" in [
            f["name"] for f in client.call("functions")])
        return self.shown(client)["pid"]


if __name__ == "__main__":
    unittest.main()
