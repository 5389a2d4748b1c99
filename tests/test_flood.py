#!/usr/bin/env python3
"""A command that floods a terminal, and the Ctrl-C that comes through."""

import os
import pty
import signal
import unittest

from commands import children_of
from daemon import DaemonTest, eventually

CTL = os.path.join(os.environ.get("top_builddir", "."), "client/tasklet-ctl")

# Bytes. What is under way when Ctrl-C is typed is less than half of it; where
# signals waited for a moment without output it was 14 MB and more.
MOST = 8000000


class TestFlood(DaemonTest):
    def run_on_terminal(self, *argv):
        pid, terminal = pty.fork()
        if pid == 0:
            # Who started the tests may have had it ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execv(CTL, [CTL, "--socket", self.daemon.path, "run", "--",
                           *argv])
        self.addCleanup(os.close, terminal)  # which hangs up
        return pid, terminal

    def read(self, terminal, most):
        """How much came until the end, or until it is so much."""
        length = 0
        while length < most:
            try:
                length += len(os.read(terminal, 65536))
            except OSError:  # EIO: the other side is closed
                break
        return length

    def test_ctrl_c(self):
        pid, terminal = self.run_on_terminal("yes")
        self.assertGreaterEqual(self.read(terminal, 1000000), 1000000)
        os.write(terminal, b"\x03")
        self.assertLess(self.read(terminal, MOST), MOST)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertEqual(status, 128 + signal.SIGINT)
        eventually(lambda: not children_of(self.daemon.pid))


if __name__ == "__main__":
    unittest.main()
