#!/usr/bin/env python3
"""Memory runs out, at each allocation in its turn: the daemon ends at once
and says why, or what failed made no difference."""

import contextlib
import random
import signal
import unittest

from conversation import Conversation
from daemon import WRAPPER, eventually
from faults import (SANITIZER, SEED, FaultyDaemon, Plan, processes_of,
                    sample)

# Of each step.
SAMPLES = 2

MESSAGE = "taskletd: out of memory\n"


@unittest.skipIf(SANITIZER or WRAPPER, "it has an allocator of its own")
class TestMemory(unittest.TestCase):
    def setUp(self):
        print(f"UNIT_SEED={SEED}")
        random.seed(SEED)
        self.plan = Plan(["allocation"])
        self.addCleanup(self.plan.close)

    def fail_at(self, number):
        self.plan.set("allocation", "ENOMEM", number, number is not None)

    def check_end(self, daemon):
        """Why it ended, if it is for want of memory, is the last that it
        said; its commands end with it."""
        if daemon.log().endswith(MESSAGE):
            self.assertEqual(daemon.wait(), 1)
        else:
            daemon.check_end()
        eventually(lambda: not processes_of(daemon))

    @contextlib.contextmanager
    def daemon(self):
        """It is asked to end, and looked at when it has."""
        daemon = FaultyDaemon(self.plan)
        try:
            yield daemon
            daemon.signal(signal.SIGTERM)
            daemon.wait()
            self.check_end(daemon)
        finally:
            daemon.kill()

    @staticmethod
    def has_begun(daemon):
        """Or ended."""
        if daemon.process.poll() is not None:
            return True
        try:
            with contextlib.closing(daemon.connect()) as client:
                return client.call("ping") == "pong"
        except (AssertionError, OSError):
            return False

    def test_start(self):
        self.fail_at(None)
        with self.daemon() as daemon:
            daemon.await_ready().close()
            count = self.plan.calls("allocation")
        for number in sample(count, SAMPLES):
            with self.subTest(number):
                self.fail_at(number)
                with self.daemon() as daemon:
                    eventually(lambda: self.has_begun(daemon))

    def run_step(self, step, number):
        self.fail_at(None)
        with self.daemon() as daemon:
            daemon.await_ready().close()
            self.fail_at(number)
            try:
                Conversation(daemon).take(step)
            except Exception:
                if MESSAGE not in daemon.log():
                    raise

    def count(self, daemon, step):
        """The allocations that a step makes: at first some more."""
        self.fail_at(None)
        Conversation(daemon).take(step)
        return self.plan.calls("allocation") + 10

    def test_steps(self):
        with self.daemon() as daemon:
            daemon.await_ready().close()
            counts = {step: self.count(daemon, step)
                      for step in Conversation.steps()}
        for step, count in counts.items():
            for number in sample(count, SAMPLES):
                with self.subTest(step, number=number):
                    self.run_step(step, number)


if __name__ == "__main__":
    unittest.main()
