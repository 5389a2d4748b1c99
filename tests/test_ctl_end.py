#!/usr/bin/env python3
"""Commands of tasklet-ctl that go on until the daemon goes: they tell all that
it told, and whether it shut down or was lost."""

import json
import os
import signal
import subprocess
import sys
import unittest

from daemon import Closed, Daemon, eventually, scaled

CTL = os.path.join(os.environ.get("top_builddir", "."), "client/tasklet-ctl")
ON_SCREEN = os.path.join(os.path.dirname(__file__), "on_screen.py")

SHUT_DOWN = "tasklet-ctl: the daemon is shutting down\n"
UNREACHABLE = 5

# What ends in order, but not at once.
SLOW_TO_END = 'trap "sleep 0.1; exit 0" TERM; echo; while :; do sleep 0.01; done'


class EndTest(unittest.TestCase):
    def start(self, *options):
        self.daemon = Daemon(options=options)
        self.addCleanup(self.daemon.kill)
        self.client = self.daemon.await_ready()
        self.addCleanup(self.client.close)

    def ctl(self, *args):
        """One that runs, once it has asked for all it waits for."""
        before = self.waiting()
        process = subprocess.Popen(
            [CTL, "--socket", self.daemon.path, *args], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        eventually(lambda: self.waiting() > before)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def waiting(self):
        """How many clients wait for something."""
        return sum(row.get("wait", {}).get("for", "request") != "request"
                   for row in self.client.rows("list", function="client"))

    def shut_down(self):
        self.daemon.signal(signal.SIGTERM)

    def kill(self):
        self.daemon.signal(signal.SIGKILL)

    def assert_ends(self, process, status=UNREACHABLE):
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, status, err)
        return out, err

    def start_slow(self):
        """A command that the daemon gives some of its grace."""
        slow = self.client.call("spawn", function="exec", name="slow",
                                args=["sh", "-c", SLOW_TO_END])["id"]
        eventually(lambda: self.client.call("output", task=slow)["data"])
        return slow


class TestShutdown(EndTest):
    def test_events_tells_of_every_end(self):
        self.start()
        events = self.ctl("--json", "events", "--what", "finished")
        tasks = [self.client.spawn("sleep", 1e9) for _ in range(scaled(900))]
        tasks.append(self.start_slow())
        self.shut_down()
        out, err = self.assert_ends(events)
        ended = [json.loads(line)["task"] for line in out.splitlines()]
        self.assertEqual({task["id"]: task["state"] for task in ended},
                         dict.fromkeys(tasks, "cancelled"))
        self.assertEqual(len(ended), len(tasks))
        error, = err.splitlines()
        self.assertEqual(json.loads(error)["error"]["message"],
                         "the daemon is shutting down")
        self.daemon.check_end()

    def test_events_tells_it_once(self):
        self.start()
        events = self.ctl("events")
        self.client.call("shutdown")
        self.assertEqual(self.assert_ends(events), ("", SHUT_DOWN))

    def test_trace_is_whole(self):
        self.start()
        path = os.path.join(self.daemon.folder, "trace")
        trace = self.ctl("trace", "-o", path)
        tasks = [self.client.spawn("sleep", 1e9), self.start_slow()]
        self.shut_down()
        self.assertEqual(self.assert_ends(trace), ("", SHUT_DOWN))
        with open(path, encoding="utf-8") as file:
            ended = {event["tid"]: event["args"]["ended"]
                     for event in json.load(file)
                     if "ended" in event.get("args", {})}
        self.assertEqual(ended, dict.fromkeys(tasks, "cancelled"))

    def test_trace_goes_on_where_it_has_missed_events(self):
        self.start()
        path = os.path.join(self.daemon.folder, "trace")
        trace = self.ctl("trace", "-o", path)
        slow = self.start_slow()
        for _ in range(2000):
            self.client.spawn("sleep", 1e9)
        self.shut_down()
        _, err = self.assert_ends(trace)
        self.assertIn("were missed", err)
        self.assertTrue(err.endswith(SHUT_DOWN))
        with open(path, encoding="utf-8") as file:
            outcome, = (event["args"]["ended"] for event in json.load(file)
                        if event.get("tid") == slow and
                        "ended" in event.get("args", {}))
        self.assertEqual(outcome, "cancelled")

    def test_tree_watch_does_not_wait_for_its_next_look(self):
        self.start()
        tree = self.ctl("tree", "--watch=1h")
        self.shut_down()
        out, err = self.assert_ends(tree)
        self.assertTrue(out.startswith("NAME "))
        self.assertEqual(err, SHUT_DOWN)

    def test_tree_watch_gives_the_terminal_back(self):
        self.start()
        done = subprocess.run(
            [sys.executable, ON_SCREEN, "5x80", CTL, "--socket",
             self.daemon.path, "tree", "--watch=1h", "--",
             "see:NAME .*client +[0-9]+ waiting.*",
             f"run:kill -TERM {self.daemon.pid}", f"ended:{UNREACHABLE}",
             f"see:{SHUT_DOWN.strip()}"],
            stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_who_reads_slowly_is_told_all_events(self):
        """In two seconds, too."""
        eventually(self.are_all_read)

    def are_all_read(self):
        self.start("--max-queued", "4096")
        reader = self.daemon.connect()
        self.addCleanup(reader.close)
        reader.call("subscribe", what=["finished"])
        count = 1000
        for _ in range(count):
            self.client.spawn("sleep", 1e9)
        self.shut_down()
        numbers = []
        try:
            while (text := reader.read_line()) is not None:
                numbers.append(json.loads(text)["params"]["number"])
        except Closed:
            return False
        self.daemon.check_end()
        return numbers == list(range(1, count + 1))


class TestKilled(EndTest):
    def test_the_connection_is_lost(self):
        self.start()
        path = os.path.join(self.daemon.folder, "trace")
        task = self.client.spawn("sleep", 1e9)
        processes = [self.ctl(*args) for args in (
            ("events",), ("trace", "-o", path), ("tree", "--watch=1h"))]
        self.kill()
        for process in processes:
            _, err = self.assert_ends(process)
            self.assertRegex(err, "^tasklet-ctl: lost the connection to .*\n$")
        with open(path, encoding="utf-8") as file:
            self.assertIn(task, [event.get("tid") for event in
                                 json.load(file)])

    def test_wait_tells_what_it_knows(self):
        self.start()
        task, _ = (self.client.spawn("sleep", 1e9, name="x")
                   for _ in range(2))
        wait = self.ctl("wait", "x")
        self.client.call("cancel", task=task)
        self.assertIn("was cancelled", wait.stderr.readline())
        self.kill()
        out, err = self.assert_ends(wait)
        self.assertEqual(out, "1 of 2 tasks ended: 1 cancelled\n")
        self.assertIn("lost the connection", err)


class TestCancelled(EndTest):
    def test_a_client_whose_task_is_cancelled_is_told(self):
        self.start()
        events = self.ctl("events")
        client, = (row["id"] for row in
                   self.client.rows("list", function="client")
                   if row.get("wait", {}).get("for") == "sleep")
        self.client.call("cancel", task=client)
        self.assertEqual(self.assert_ends(events), (
            "", "tasklet-ctl: the task of this connection was cancelled\n"))


if __name__ == "__main__":
    unittest.main()
