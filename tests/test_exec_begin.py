#!/usr/bin/env python3
"""What a command of exec begins with: its session, descriptors, signals and
limits, whatever the daemon has."""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest
from unittest import mock

import daemon as daemon_module
from commands import OWN_DESCRIPTORS, CommandTest, children_of, process
from daemon import PATIENCE, TASKLETD, WRAPPER, Client, Daemon, eventually


# Signals 32 and 33 are glibc's own: what it starts (posix_spawn) ignores them, and so
# does what that starts. Nobody is told of them.
OF_GLIBC = 0x180000000


def signals(status):
    """What /proc/PID/status tells of a process's signals."""
    fields = dict(line.split(":\t") for line in status.splitlines())
    return {name: int(fields[name], 16) & ~OF_GLIBC
            for name in ("SigBlk", "SigIgn", "SigCgt")}


NO_SIGNALS = {"SigBlk": 0, "SigIgn": 0, "SigCgt": 0}


class TestBeginning(CommandTest):
    def test_a_session_and_a_group_of_its_own(self):
        task = self.exec("sleep", "1000")
        pid = eventually(lambda: self.show(task).get("pid"))
        found = process(pid)
        self.assertEqual((found["session"], found["group"]), (pid, pid))
        self.assertEqual(found["parent"], self.daemon.pid)
        self.cancel(task, grace=0)

    def test_three_descriptors(self):
        task = self.python("import os; print(os.listdir('/proc/self/fd'))")
        self.join(task)
        # The fourth is that of the folder that is listed.
        self.assertEqual(self.text(task), "['0', '1', '2', '3']\n")

    def test_default_signals(self):
        task = self.exec("cat", "/proc/self/status")
        self.join(task)
        self.assertEqual(signals(self.text(task)), NO_SIGNALS)

    def test_dies_with_the_daemon(self):
        task = self.exec("grep", "-c", "x", "/proc/self/status",
                         ok_status=[0, 1])
        self.join(task)
        # PR_GET_PDEATHSIG is told to the process itself alone.
        task = self.python("""
import ctypes
number = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(number))
print(number.value)
""")
        self.join(task)
        self.assertEqual(self.text(task), "9\n")


class TestInherited(unittest.TestCase):
    """From a daemon that was itself started in an odd way."""

    def start(self, before, options=()):
        class OddDaemon(Daemon):
            def before_exec(self):
                super().before_exec()
                before()
        daemon = OddDaemon(options=options)
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        return daemon, client

    def output(self, client, *argv, **options):
        task = client.spawn("exec", *argv, options=options)
        client.call("join", task=task)
        return client.call("output", task=task)["data"]

    def test_signals_that_are_ignored_and_blocked(self):
        def before():
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT,
                           signal.SIGCHLD, signal.SIGUSR2):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {
                signal.SIGUSR2, signal.SIGWINCH})
        _, client = self.start(before)
        status = self.output(client, "cat", "/proc/self/status")
        self.assertEqual(signals(status), NO_SIGNALS)

    def test_the_end_of_what_was_left_behind_is_heard_of(self):
        """Where who started the daemon did not want to hear of ends."""
        def block():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})

        def ignore():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        self.addCleanup(shutil.rmtree, folder)
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        for before in (block, ignore):
            with self.subTest(before.__name__):
                daemon, client = self.start(before)
                self.output(client, "sh", "-c", 'cat <"$0" &', fifo,
                            leftovers="keep")
                self.assertEqual(len(children_of(daemon.pid)), 1)
                os.close(os.open(fifo, os.O_WRONLY))
                eventually(lambda: not children_of(daemon.pid))

    def test_descriptors(self):
        shell = ["/bin/sh", "-c", 'exec "$@" 3</dev/null 8<&0 9>&1', "sh"]
        with mock.patch.object(daemon_module, "WRAPPER", shell + WRAPPER):
            _, client = self.start(lambda: None)
        self.assertEqual(
            self.output(client, "/usr/bin/python3", "-Sc",
                        "import os; print(os.listdir('/proc/self/fd'))"),
            "['0', '1', '2', '3']\n")

    @unittest.skipIf(WRAPPER, "valgrind does not start without")
    def test_none_of_the_first_three(self):
        def before():
            os.closerange(0, 3)
        daemon, client = self.start(before)
        self.assertEqual(
            self.output(client, "/bin/sh", "-c", "echo out; echo err >&2; cat",
                        stdin="in\n"), "out\nerr\nin\n")
        self.assertEqual(daemon.log(), "")
        daemon.signal(signal.SIGTERM)
        daemon.check_end()

    @unittest.skipIf(WRAPPER, OWN_DESCRIPTORS)
    def test_the_limit_of_descriptors(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

        def before():
            resource.setrlimit(resource.RLIMIT_NOFILE, (123, hard))
        daemon, client = self.start(before)
        self.assertEqual(
            self.output(client, "/bin/sh", "-c", "ulimit -Sn; ulimit -Hn"),
            f"123\n{hard}\n")
        limit = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        self.assertEqual(limit, (hard, hard))

    @unittest.skipIf(WRAPPER, OWN_DESCRIPTORS)
    def test_a_limit_that_the_daemon_has_outgrown(self):
        """It is the command's, whose file is opened all the same."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]

        def before():
            resource.setrlimit(resource.RLIMIT_NOFILE, (5, hard))
        _, client = self.start(before)
        with tempfile.NamedTemporaryFile() as file:
            self.output(client, "/bin/sh", "-c", "ulimit -Sn; cat", stdin="in",
                        output={"file": file.name})
            self.assertEqual(file.read(), b"5\nin")

    def test_children_that_are_not_its_own(self):
        """Left by a shell that became the daemon."""
        folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "control.sock")
        started = subprocess.Popen(
            ["/bin/sh", "-c", 'sleep 0.2 & exec "$@"', "sh", *WRAPPER,
             TASKLETD, "--socket", path], stderr=subprocess.DEVNULL)
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)

        def connect():
            try:
                return Client(path)
            except (FileNotFoundError, ConnectionRefusedError):
                return None
        client = eventually(connect)
        self.addCleanup(client.close)
        self.assertEqual(self.output(client, "echo", "x"), "x\n")
        eventually(lambda: not children_of(started.pid))
        client.call("shutdown")
        self.assertEqual(started.wait(PATIENCE), 0)

    def start_in(self, folder, **params):
        """A client of a daemon in that folder, which is now ours too."""
        self.addCleanup(os.chdir, os.getcwd())
        program = os.path.abspath(TASKLETD)
        os.chdir(folder)
        with mock.patch.object(daemon_module, "TASKLETD", program):
            daemon = Daemon(**params)
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        return client

    def test_a_folder_that_is_gone(self):
        """It has no path that could be shown."""
        folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        client = self.start_in(folder)
        os.rmdir(folder)
        task = client.spawn("exec", "true")
        client.call("join", task=task)
        shown = client.call("show", task=task)
        self.assertNotIn("cwd", shown)
        self.assertEqual(shown["exit_status"], 0)

    def test_a_socket_with_a_relative_path(self):
        """A command runs elsewhere, and is to find it still."""
        folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        self.addCleanup(shutil.rmtree, folder)
        client = self.start_in(folder, path="relative.sock")
        self.assertEqual(
            self.output(client, "/bin/sh", "-c", 'echo "$TASKLET_SOCKET"',
                        cwd="/"), os.path.join(folder, "relative.sock\n"))


if __name__ == "__main__":
    unittest.main()
