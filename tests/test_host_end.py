#!/usr/bin/env python3
"""Programs that host tasks, and go, flood or are shut down: a bad program harms
only its own."""

import json
import signal
import subprocess
import sys
import unittest

from daemon import (Daemon, LoneDaemonTest, RpcError, eventually, line,
                    request, scaled)
from hosting import HostTest
from program import Program


HOSTS_AND_WAITS = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"host","params":{}}\\n')
s.sendall(b'{"jsonrpc":"2.0","id":2,"method":"provide","params":'
          b'{"functions":[{"name":"killed","summary":"x"}]}}\\n')
file = s.makefile()
for i in range(2):
    print(file.readline(), end="", flush=True)
sys.stdin.read()
"""


class TestEndOfTheProgram(HostTest):
    def test_fails_its_tasks_and_only_those(self):
        other = self.connect_program()
        mine = [self.program.host() for _ in range(3)]
        below = self.program.host(parent=mine[0])
        theirs = other.host(parent=mine[0])
        sleeper = self.client.spawn("sleep", 1e9, parent=mine[1])
        self.program.close()
        for task in (*mine, below):
            self.assert_failed(task)
        self.assert_state("running", theirs)
        self.assert_state("sleeping", sleeper)
        other.end(theirs)

    def test_killed(self):
        with subprocess.Popen(
                [sys.executable, "-c", HOSTS_AND_WAITS, self.daemon.path],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            task = json.loads(process.stdout.readline())["result"]["id"]
            process.stdout.readline()
            run = self.client.spawn("killed")
            eventually(lambda: self.row(run)["state"] == "running")
            process.send_signal(signal.SIGKILL)
            self.assert_failed(task)
            self.assert_failed(run)
        self.assert_error("NoSuchFunction", self.client.spawn, "killed")

    def test_that_sends_no_more(self):
        task = self.program.host()
        self.program.half_close()
        self.assert_failed(task)

    def test_that_is_cancelled(self):
        task = self.program.host()
        self.client.call("cancel", task=self.program.call("current")["id"],
                         only=True)
        self.assert_failed(task)

    def test_whose_client_task_is_cancelled_with_all_below(self):
        task = self.program.host()
        self.client.call("cancel", task=self.program.call("current")["id"])
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task)

    def test_that_sends_too_long_a_line(self):
        task = self.program.host()
        try:
            self.program.send(b"x" * (2 << 20) + b"\n")
        except BrokenPipeError:
            pass  # what is too long is taken for a second
        self.assert_failed(task)

    def test_a_cancel_before_it_holds(self):
        task = self.program.host()
        self.client.call("cancel", task=task, grace=1000)
        self.program.close()
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task)

    def test_what_was_sent_before_is_carried_out(self):
        task = self.program.host()
        self.program.send(line(request("finish", {"task": task, "result": 7})))
        self.program.close()
        self.assertEqual(self.client.call("join", task=task), 7)

    def test_with_very_many_tasks(self):
        count = scaled(100000)
        host = line(request("host", {"name": "one of many"}, id=1))
        replies = self.program.exchange(host * count, count)
        first = json.loads(replies[0])["result"]["id"]
        last = json.loads(replies[-1])["result"]["id"]
        self.assertEqual(last - first, count - 1)
        failed = self.client.call("stats")["finished"]["failed"]
        joins = [self.client.start("join", task=task)
                 for task in (first, last)]
        self.client.call("ping")
        self.program.close()
        for join in joins:
            self.assert_join_error("failed", self.client.finish, join)
        self.assertEqual(self.client.call("stats")["finished"]["failed"],
                         failed + count)


class TestBounds(unittest.TestCase):
    def test_hosted_tasks_count_as_tasks(self):
        daemon = Daemon(options=["--max-tasks", "10"])
        self.addCleanup(daemon.kill)
        daemon.await_ready().close()
        program = Program(daemon.path)
        self.addCleanup(program.close)
        with self.assertRaises(RpcError) as caught:
            for i in range(11):
                program.host(function=f"f{i}")
        self.assertEqual(caught.exception.data["limit"], "tasks")
        daemon.signal(signal.SIGTERM)
        daemon.check_end()


class TestShutdown(LoneDaemonTest):
    def setUp(self):
        super().setUp()
        self.program = Program(self.daemon.path)
        self.addCleanup(self.program.close)
        self.program.provide("f")
        self.task = self.program.host()
        self.provided = self.client.spawn("f")
        self.assertEqual(self.program.expect("run")["task"], self.provided)
        self.joins = [self.client.start("join", task=task)
                      for task in (self.task, self.provided)]
        self.client.call("ping")

    def check_joins(self):
        for join in self.joins:
            with self.assertRaises(RpcError) as caught:
                self.client.finish(join)
            self.assertEqual(caught.exception.data["state"], "cancelled")
            self.assertIn("shutting down", str(caught.exception))
        self.client.close()
        self.daemon.check_end()

    def test_programs_are_told_and_may_finish(self):
        self.daemon.signal(signal.SIGTERM)
        told = [self.program.expect("cancel") for _ in range(2)]
        self.assertEqual({one["task"] for one in told},
                         {self.task, self.provided})
        for one in told:
            self.assertEqual(one["reason"], "the daemon is shutting down")
            self.assertEqual(one["grace"], 5)
        with self.assertRaises(RpcError) as caught:
            self.program.host()
        self.assertEqual(caught.exception.data["type"], "Cancelled")
        self.program.end(self.provided)
        self.program.send_json(request("finish", {"task": self.task,
                                                  "result": 1}))
        self.check_joins()

    def test_again_does_not_wait_for_them(self):
        self.daemon.signal(signal.SIGTERM)
        self.program.expect("cancel")
        self.daemon.signal(signal.SIGTERM)
        self.check_joins()

    def test_programs_that_go_are_not_waited_for(self):
        self.daemon.signal(signal.SIGTERM)
        self.program.expect("cancel")
        self.program.close()
        self.check_joins()


class TestFlood(HostTest):
    def test_of_what_is_wrong(self):
        task = self.program.host()
        count = scaled(20000)
        flood = (line(request("finish", {"task": 1, "result": 1}, id=1)) +
                 line(request("finish", {"task": 10**9, "result": 1}, id=1)) +
                 line({"jsonrpc": "2.0", "id": "d1", "result": {}}))
        for reply in self.program.exchange(flood * count, 3 * count):
            self.assertIn("error", json.loads(reply))
        self.assert_state("running", task)

    def test_of_tasks_that_end_at_once(self):
        task = self.program.host()
        self.program.end(task)
        count = scaled(20000)
        flood = b"".join(
            line(request("host", id=1)) +
            line(request("finish", {"task": task + i, "result": i}, id=2))
            for i in range(1, count + 1))
        replies = [json.loads(reply) for reply in
                   self.program.exchange(flood, 2 * count)]
        # Others may have got an id between.
        self.assertEqual({"error" in reply for reply in replies[::2]},
                         {False})
        self.assertEqual(self.client.call("ping"), "pong")

    def test_of_what_it_does_not_read(self):
        """What it is to be told waits, and others are not held up."""
        self.program.provide("f")
        count = 1000
        args = ["x" * 10000]
        spawn = line(request("spawn", {"function": "f", "args": args}, id=1))
        tasks = [json.loads(reply)["result"]["id"] for reply in
                 self.client.exchange(spawn * count, count)]
        self.assertEqual(self.client.call("ping"), "pong")
        ignored = tasks.pop()
        self.client.call("cancel", task=ignored, grace=1000)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=ignored)
        for task in tasks:
            self.assertEqual(self.program.expect("run"), {
                "task": task, "function": "f", "args": args, "options": {}})
        self.assertTrue(self.program.is_told_nothing())


if __name__ == "__main__":
    unittest.main()
