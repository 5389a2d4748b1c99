#!/usr/bin/env python3
"""tasklet-ctl, whose memory runs out at each allocation in its turn: it did
all that it was asked for, or it says that memory is out and fails."""

import itertools
import os
import pty
import random
import re
import select
import signal
import subprocess
import time
import unittest

from daemon import PATIENCE, WRAPPER, Daemon, DaemonTest
from faults import SANITIZER, SEED, Plan, environment, sample
from test_fault_ctl import CTL, RUN_FAILED

# Of each command.
SAMPLES = 2

FAILED = 1
FOREVER = "1000d"
GOOD = b'{"jsonrpc":"2.0","method":"spawn","params":{"function":"echo"}}\n'

# Ends a `top`.
QUIT = b"q"


@unittest.skipIf(SANITIZER or WRAPPER, "it has an allocator of its own")
class TestMemory(DaemonTest):
    """A method do_COMMAND makes what the command is about, and returns its
    arguments, what it reads, and a function that says whether it has done what
    it says; None where its output is all."""

    numbers = itertools.count()

    def setUp(self):
        super().setUp()
        print(f"UNIT_SEED={SEED}")
        random.seed(SEED)
        self.plan = Plan(["allocation"])
        self.addCleanup(self.plan.close)

    def name(self):
        return f"n{next(self.numbers)}"

    def sleeper(self, **params):
        return str(self.client.spawn("sleep", 1e9, **params))

    def ended(self, function="echo"):
        task = self.client.spawn(function, "x")
        self.client.call("join", tasks=[task])
        return str(task)

    def state(self, task):
        return self.client.call("show", task=int(task))["state"]

    def exists(self, name):
        """That task, which is then ended."""
        rows = list(self.client.rows("list", name=name))
        self.client.call("cancel", tasks=[row["id"] for row in rows])
        return bool(rows)

    def made(self, command, *args):
        """A command that makes a task."""
        name = self.name()
        return (command, "--name", name, *args), b"", (
            lambda: self.exists(name))

    def do_run(self):
        return ("run", "sh", "-c", "cat; echo out; echo err >&2; exit 3"), \
            b"in\n", None

    def do_run_json(self):
        return ("--json", "run", "true"), b"", None

    def do_run_wrong(self):
        return ("run", "--nice", "x", "true"), b"", None

    def do_spawn(self):
        return self.made("spawn", "sleep", "1")

    def do_spawn_exec(self):
        return self.made("spawn", "-E", "A=b", "--ok-status", "0,3",
                         "--output", "null", "--", "true")

    def do_spawn_wait(self):
        return ("spawn", "--wait", "sum", "1", "2"), b"", None

    def do_later(self):
        return self.made("later", FOREVER, "echo")

    def do_interval(self):
        return self.made("interval", FOREVER, "echo")

    def do_loop(self):
        return self.made("loop", "--max-runs", "1", "echo")

    def do_rate(self):
        return self.made("rate", "--max-runs", "1", "100", "echo")

    def do_rerun(self):
        return ("rerun", "--wait", self.ended()), b"", None

    def do_join(self):
        return ("join", self.ended(), self.ended()), b"", None

    def do_join_failed(self):
        return ("join", self.ended("fail")), b"", None

    def do_join_late(self):
        return ("join", "--timeout", "1ms", str(self.bystander_task)), b"", None

    def do_wait(self):
        return ("wait", "--timeout", "1m", "nobody*"), b"", None

    def do_cancel(self):
        task = self.sleeper()
        return ("cancel", "--reason", "r", task), b"", (
            lambda: self.state(task) == "cancelled")

    def do_pause(self):
        task = self.sleeper()
        return ("pause", task), b"", lambda: self.state(task) == "paused"

    def do_resume(self):
        task = self.sleeper()
        self.client.call("pause", task=int(task))
        return ("resume", task), b"", lambda: self.state(task) == "sleeping"

    def do_forget(self):
        task = self.ended()
        return ("forget", task), b"", (
            lambda: not [row for row in self.client.rows("list")
                         if row["id"] == int(task)])

    def do_pool(self):
        return ("pool", "slots", "3"), b"", (
            lambda: self.client.call("pool", name="slots")["size"] == 3)

    def do_pools(self):
        return ("pool",), b"", None

    def do_sleep(self):
        return ("sleep", "1ms"), b"", None

    def do_tree(self):
        return ("--color", "always", "tree", str(self.bystander_task)), b"", None

    def do_tree_json(self):
        return ("--json", "tree", str(self.bystander_task)), b"", None

    def do_list(self):
        name = self.name()
        self.sleeper(name=name)
        return ("list", "--name", name), b"", None

    def do_show(self):
        return ("show", str(self.bystander_task)), b"", None

    def do_parent(self):
        return ("parent", str(self.bystander_task)), b"", None

    def do_children(self):
        return ("children", str(self.bystander_task)), b"", None

    def do_current(self):
        return ("current",), b"", None

    def do_log(self):
        return ("log", self.ended("print")), b"", None

    def do_log_follow(self):
        return ("log", "--follow", self.ended("print")), b"", None

    def do_write(self):
        task = self.client.spawn("exec", "cat", options={"stdin_pipe": True})

        def is_written():
            self.client.call("join", task=task)
            return self.client.call("output", task=task)["data"] == "in\n"
        return ("write", "--eof", str(task)), b"in\n", is_written

    def do_send(self):
        task = self.sleeper()
        return ("send", task, '{"a":1}'), b"", (
            lambda: self.client.call("receive", task=int(task), timeout=0)
            ["body"] == {"a": 1})

    def do_request(self):
        return ("request", "--timeout", "1ms", self.sleeper(), "1"), b"", None

    def do_receive(self):
        task = self.sleeper()
        self.client.call("send", task=int(task), body={"a": 1})
        return ("receive", task), b"", None

    def do_reply(self):
        task = self.sleeper()
        asked = self.client.start("call", task=int(task), body=1)
        call = self.client.call("receive", task=int(task))["call"]
        return ("reply", str(call), "2"), b"", (
            lambda: self.client.finish(asked) == 2)

    def do_events(self):
        return ("events", "--what", "created"), b"", None

    def do_top(self):
        return ("top",), b"", None

    def do_trace(self):
        return ("trace", "--duration", "20ms"), b"", None

    def do_functions(self):
        return ("functions",), b"", None

    def do_stats(self):
        return ("stats",), b"", None

    def do_ping(self):
        return ("ping",), b"", None

    def do_version(self):
        return ("version",), b"", None

    def do_check(self):
        path = os.path.join(self.daemon.folder, "tasks")
        with open(path, "wb") as file:
            file.write(b"# one is wrong\n" + GOOD + b"{\n" + GOOD)
        return ("check", path), b"", None

    def do_reload(self):
        return ("reload",), b"", None

    def do_call(self):
        return ("call", "show", f'{{"task":{self.bystander_task}}}'), b"", None

    def do_help(self):
        return ("--help",), b"", None

    def do_usage(self):
        return ("--json", "nothing"), b"", None

    def do_shutdown(self):
        daemon = Daemon()
        self.addCleanup(daemon.kill)
        daemon.await_ready().close()

        def has_ended():
            daemon.check_end()
            return True
        return ("--socket", daemon.path, "shutdown"), b"", has_ended

    # --- how they run ---

    def start(self, args, **streams):
        return subprocess.Popen(
            [CTL, "--socket", self.daemon.path, *args], **streams,
            env={**environment(self.plan), "TERM": "xterm"})

    def run_plain(self, args, data):
        with self.start(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as process:
            out, err = process.communicate(data, PATIENCE)
        return process.returncode, out, err

    def run_events(self, args, _):
        """Until something has been told, or it has ended."""
        with self.start(args, stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as process:
            while not select.select([process.stdout], [], [], 0.02)[0]:
                self.client.spawn("echo")
            line = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
        return process.returncode, line, err

    def run_trace(self, args, data):
        """What has happened meanwhile is not looked at."""
        status, out, err = self.run_plain(args, data)
        is_whole = out.startswith(b"[") and out.endswith(b"]\n")
        return status, b"all" if is_whole else b"cut", err

    def run_top(self, args, _):
        """What it draws is not looked at."""
        ours, its = pty.openpty()
        deadline = time.monotonic() + PATIENCE
        with self.start(args, stdin=its, stdout=its,
                        stderr=subprocess.PIPE) as process:
            os.close(its)
            try:
                while process.poll() is None:
                    self.assertLess(time.monotonic(), deadline, "it hangs")
                    if select.select([ours], [], [], 0.02)[0]:
                        os.read(ours, 65536)
                    else:
                        os.write(ours, QUIT)
            except OSError:
                pass  # it has closed the terminal
            finally:
                os.close(ours)
            _, err = process.communicate(timeout=PATIENCE)
        return process.returncode, b"", err

    # --- what must come of it ---

    @staticmethod
    def plain(text):
        """But for ids, times and the columns that are as wide as they are."""
        return re.sub(rb"[0-9.]+|[ -]+", b" ", text)

    def run_case(self, case, skip, count):
        args, data, is_done = getattr(self, "do_" + case)()
        run = getattr(self, "run_" + case, self.run_plain)
        self.plan.set("allocation", "ENOMEM", skip, count)
        status, out, err = run(args, data)
        calls = self.plan.calls("allocation")
        return (status, self.plain(out), self.plain(err)), is_done, calls

    def check(self, case, done, well, is_done):
        if done == well:
            self.assertTrue(is_done is None or is_done(), "it was not done")
            return
        failed = RUN_FAILED if case.startswith("run") else FAILED
        self.assertEqual(done[0], failed, (done, well))
        self.assertIn(b"memory", done[2], (done, well))

    def try_case(self, case):
        well, is_done, count = self.run_case(case, 0, 0)
        self.check(case, well, well, is_done)
        self.assertGreater(count, 0)
        for skip in sample(count, SAMPLES):
            for failures in (1, 1 << 30):
                with self.subTest(skip=skip, failures=failures):
                    done, is_done, _ = self.run_case(case, skip, failures)
                    self.check(case, done, well, is_done)


    def test_each_command_is_tried(self):
        listed = subprocess.run([CTL, "--help"], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        commands = re.findall("^  ([a-z]+) ", listed.split("Commands:\n")[1],
                              re.MULTILINE)
        self.assertIn("call", commands)
        for command in commands:
            self.assertTrue(hasattr(self, "do_" + command), command)


def add_test(case):
    setattr(TestMemory, "test_" + case, lambda self: self.try_case(case))


for name in dir(TestMemory):
    if name.startswith("do_"):
        add_test(name[len("do_"):])

if __name__ == "__main__":
    unittest.main()
