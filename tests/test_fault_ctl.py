#!/usr/bin/env python3
"""tasklet-ctl, whose system calls fail: a message, and the exit status that
its manual gives."""

import os
import random
import subprocess
import unittest

from daemon import WRAPPER, DaemonTest
from faults import SEED, Plan, environment, sample

CTL = os.path.join(os.environ.get("top_builddir", "."), "client/tasklet-ctl")

COMMANDS = (
    ("ping",), ("spawn", "--wait", "sum", "1", "2"), ("--json", "list"),
    ("run", "sh", "-c", "cat; echo out; echo err >&2"), ("join", "none"))

# The status of `run`, where it is not its command's.
RUN_FAILED = 125

# The status of each that goes no further.
ERRORS = {
    "connect": {"EACCES": 4, "ECONNREFUSED": 5, "EAGAIN": 5, "ENOENT": 5},
    "read": {"EINTR": None, "ECONNRESET": 5},
    "send": {"EINTR": None, "EAGAIN": None, "ENOBUFS": 5},
    "socket": {"EMFILE": 5, "ENFILE": 5},
}


@unittest.skipIf(WRAPPER, "its own calls would fail")
class TestCtl(DaemonTest):
    def setUp(self):
        super().setUp()
        print(f"UNIT_SEED={SEED}")
        random.seed(SEED)
        self.plan = Plan(ERRORS)
        self.addCleanup(self.plan.close)

    def run_ctl(self, *args):
        done = subprocess.run(
            [CTL, "--socket", self.daemon.path, *args], input=b"in\n",
            env=environment(self.plan), stdout=subprocess.PIPE, timeout=60,
            stderr=subprocess.PIPE, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def test_calls(self):
        for args in COMMANDS:
            for function, errors in ERRORS.items():
                self.plan.set(function)
                well = self.run_ctl(*args)
                count = self.plan.calls(function)
                self.assertGreater(count, 0, function)
                for error, status in errors.items():
                    for skip in sample(count, 1):
                        with self.subTest(args, error=error, skip=skip):
                            self.plan.set(function, error, skip, 1)
                            self.check(self.run_ctl(*args), well, status)
                self.plan.set(function)

    def check(self, done, well, status):
        """A read that fails may also be of what it can do without."""
        if status is None or done[0] == well[0]:
            self.assertEqual((done[0], done[2]), (well[0], well[2]))
        else:
            self.assertIn(done[0], (status, RUN_FAILED), done)
            self.assertTrue(done[2])


if __name__ == "__main__":
    unittest.main()
