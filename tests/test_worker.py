#!/usr/bin/env python3
"""The worker among the examples: its functions are listed, called, held and
cancelled from the command line."""

import os
import signal
import subprocess
import sys
import unittest

from daemon import DaemonTest, eventually

SOURCE = os.path.join(os.environ.get("top_srcdir", "."), "examples/worker.py")
TASKLET_CTL = os.path.join(os.environ.get("top_builddir", "."),
                           "client/tasklet-ctl")


class TestWorker(DaemonTest):
    def setUp(self):
        super().setUp()
        self.environment = {**os.environ, "TASKLET_SOCKET": self.daemon.path}
        self.worker = subprocess.Popen([sys.executable, "-B", SOURCE],
                                       env=self.environment, text=True,
                                       stderr=subprocess.PIPE)
        self.addCleanup(self.end_worker)
        self.assertEqual(self.worker.stderr.readline(),
                         "worker.py: provides words.count, countdown\n")

    def end_worker(self):
        self.worker.send_signal(signal.SIGKILL)
        self.worker.wait()
        self.worker.stderr.close()

    def ctl(self, *args, status=0):
        done = subprocess.run([TASKLET_CTL, *args], env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60, text=True)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout + done.stderr

    def test_its_functions_are_listed(self):
        text = self.ctl("functions")
        self.assertIn("words.count [texts:string...]", text)
        self.assertIn("Counts the words of texts.", text)
        self.assertIn("countdown seconds:number", text)

    def test_they_are_called(self):
        self.ctl("spawn", "-n", "words", "words.count", "to be or not", "to be")
        self.assertEqual(self.ctl("join", "words"), "6\n")
        self.assertIn("texts 1 of words.count must be a string",
                      self.ctl("spawn", "words.count", "7", status=2))
        task = self.ctl("spawn", "-p", "countdown", "0").strip()
        self.assertEqual(self.ctl("join", task), "lift-off\n")

    def test_one_that_raises_fails_its_task(self):
        task = self.client.spawn("countdown", -1)
        cause = self.assert_join_error("failed", self.client.call, "join",
                                       task=task)
        self.assertEqual(cause["message"],
                         "seconds must be 0 or more, not -1")
        self.assertEqual(cause["data"]["class"], "ValueError")

    def test_they_run_side_by_side(self):
        self.client.spawn("countdown", 1000, name="long")
        self.assertEqual(
            self.client.call("join", task=self.client.spawn(
                "words.count", "a b")), 2)
        self.client.call("cancel", task="long")
        self.assert_join_error("cancelled", self.client.call, "join",
                               task="long")

    def test_it_says_how_far_it_is(self):
        task = self.client.spawn("countdown", 1000)
        eventually(lambda: " to go" in (self.state(task) or ""))
        eventually(lambda: " to go" in self.ctl("show", str(task)))

    def test_it_takes_a_pause_and_a_cancel(self):
        task = self.client.spawn("countdown", 1000)
        self.client.call("pause", task=task)
        eventually(lambda: self.stands_still(task))
        self.client.call("resume", task=task)
        eventually(lambda: not self.stands_still(task))
        self.client.call("pause", task=task)
        self.client.call("cancel", task=task, grace=1000)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task)

    def stands_still(self, task):
        """Whether it says the same for longer than it would if it ran."""
        before = self.state(task)
        self.client.call("sleep", seconds=1.5)
        return before is not None and self.state(task) == before

    def state(self, task):
        return (self.client.call("show", task=task).get("describe") or
                {}).get("state")

    def test_when_it_goes(self):
        task = self.client.spawn("countdown", 1000)
        self.worker.send_signal(signal.SIGKILL)
        self.assertIn("the program that hosted it went away",
                      self.ctl("join", str(task), status=1))
        self.assertNotIn("words.count", self.ctl("functions"))
        self.assertIn("there is no function",
                      self.ctl("spawn", "words.count", status=2))

    def test_one_that_does_not_answer(self):
        task = self.client.spawn("countdown", 1000)
        eventually(lambda: self.client.call("show",
                                            task=task).get("describe"))
        self.worker.send_signal(signal.SIGSTOP)
        self.assertIn("the program that hosts it does not answer",
                      self.ctl("show", str(task)))


class TestWithoutDaemon(unittest.TestCase):
    def test_says_so(self):
        done = subprocess.run(
            [sys.executable, "-B", SOURCE], capture_output=True, text=True,
            env={**os.environ, "TASKLET_SOCKET": "/nonexistent/sock"},
            timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/sock", done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
