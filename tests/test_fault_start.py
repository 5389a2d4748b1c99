#!/usr/bin/env python3
"""System calls without which there is no daemon: it ends, says why, and takes
its commands along."""

import signal
import unittest

from conversation import Conversation
from daemon import WRAPPER, Closed, eventually
from faults import FaultyDaemon, Plan, processes_of, sample

# With a call that the system refused last.
AT_START = {
    "bind": "EACCES",
    "epoll_create1": "EMFILE",
    "epoll_ctl": "ENOMEM",
    "listen": "EOPNOTSUPP",
    "open": "ENFILE",
    "pipe2": "ENFILE",
    "signalfd": "ENFILE",
    "socket": "EMFILE",
    "timerfd_create": "EMFILE",
}
LATER = {
    "epoll_wait": "ENOMEM",
    "timerfd_settime": "ENOMEM",
}


@unittest.skipIf(WRAPPER, "its own calls would fail")
class TestStart(unittest.TestCase):
    def setUp(self):
        self.plan = Plan([*AT_START, *LATER])
        self.addCleanup(self.plan.close)

    def start(self):
        daemon = FaultyDaemon(self.plan)
        self.addCleanup(daemon.kill)
        return daemon

    def assert_told(self, daemon):
        self.assertEqual(daemon.wait(), 1, daemon.log())
        self.assertIn("taskletd: error: ", daemon.log())
        eventually(lambda: not processes_of(daemon))

    def test_at_the_start(self):
        """Or it does without."""
        for function, error in AT_START.items():
            self.plan.set(function)
            self.start().await_ready().close()
            calls = self.plan.calls(function)
            for skip in sample(calls, calls):
                with self.subTest(function, skip=skip):
                    self.plan.set(function, error, skip, 1)
                    self.check_start(self.start())
            self.plan.set(function)

    def check_start(self, daemon):
        try:
            daemon.await_ready().close()
            Conversation(daemon).take("do_command")
        except (AssertionError, OSError):
            self.assert_told(daemon)
        else:
            daemon.signal(signal.SIGTERM)
            daemon.check_end()

    def test_later(self):
        for function, error in LATER.items():
            with self.subTest(function):
                daemon = self.start()
                client = daemon.await_ready()
                self.addCleanup(client.close)
                task = client.spawn("exec", "sleep", "1000")
                client.start("join", task=task)
                self.plan.set(function, error, 0, 1)
                with self.assertRaises((Closed, ConnectionError)):
                    client.call("sleep", seconds=0.001)
                self.assert_told(daemon)
                self.plan.set(function)


if __name__ == "__main__":
    unittest.main()
