#!/usr/bin/env python3
"""README's "Who may do what": each of its sentences, and the tests that hold it.
Those that are nowhere else are here."""

import ast
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import daemon as daemon_module
from daemon import PATIENCE, DaemonTest, eventually, line, request
from program import Program
from test_owner import NOT_ROOT, SERVICE, ServiceDaemon

SOURCE = os.environ.get("top_srcdir", ".")
CTL = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."),
                                   "client/tasklet-ctl"))

# The sentences' beginnings, in README's order.
HELD_BY = {
    "The socket is open to the user":
        ["test_shutdown.TestSocket.test_it_is_for_its_user_alone"],
    "The folder of a default socket":
        ["test_threats.TestFolder.test_an_unsafe_one_is_refused",
         "e2e_unsafe_folder"],
    "A socket that nobody serves is replaced":
        ["test_shutdown.TestSocket.test_a_stale_one_is_taken_over",
         "test_shutdown.TestSocket.test_any_other_file_is_left_alone",
         "test_shutdown.TestSocket."
         "test_of_two_started_at_once_on_a_stale_one_exactly_one_wins",
         "test_threats.TestSocketFile.test_a_link_to_a_socket_is_left_alone"],
    "Who a client is, the kernel says":
        ["test_threats.TestPeer.test_credentials_that_are_sent_are_ignored"],
    "Whoever connects sees the rows":
        ["test_owner.TestOthers.test_the_rest_is_allowed",
         "test_owner.TestOthers."
         "test_rows_are_seen_without_what_is_in_them"],
    "Arguments, results, output, errors and messages":
        ["test_owner.TestOthers.test_each_method_is_denied_or_allowed",
         "test_owner.TestOthers.test_all_that_is_not_seeing_rows_is_denied",
         "test_owner.TestOthers.test_what_failed_tells_others_nothing",
         "test_owner.TestRoot.test_may_everything"],
    "What is spawned below a task":
        ["test_owner.TestRoot."
         "test_what_it_spawns_below_anothers_is_the_others"],
    "Stopping the daemon":
        ["test_owner.TestShutdown.test_is_denied_to_others",
         "test_owner.TestShutdown.test_is_for_its_own_user",
         "test_owner.TestShutdown.test_is_for_root",
         "test_owner.TestShutdown.test_so_are_the_sizes_of_pools"],
    "What a client sends, or does not read":
        ["test_threats.TestPeer.test_descriptors_that_are_sent_are_closed",
         "test_threats.TestPeer.test_they_are_while_it_is_not_read_from",
         "test_limits.TestMessage."
         "test_one_that_is_longer_ends_the_connection",
         "test_limits.TestQueued."
         "test_a_client_that_does_not_read_is_not_read_from"],
    "A program that hosts tasks":
        ["test_host.TestFinish.test_is_for_its_own_program",
         "test_host.TestFinish.test_of_what_nobody_hosts_is_denied",
         "test_host_end.TestEndOfTheProgram."
         "test_fails_its_tasks_and_only_those"],
    "A program that provides a function":
        ["test_owner.TestHosts."
         "test_a_function_is_for_all_and_its_program_ends_its_runs",
         "test_owner.TestHosts.test_a_name_is_one_users"],
    "A command runs as the daemon's user":
        ["test_threats.TestCommand.test_user_and_environment",
         "test_exec_begin.TestBeginning.test_three_descriptors",
         "test_exec_begin.TestBeginning.test_default_signals"],
    "A command that connects is":
        ["test_attach.TestOwners."
         "test_a_commands_connection_is_its_owners"],
    "`tasklet-ctl` gives a command":
        ["test_threats.TestAnothersDaemon."
         "test_is_told_neither_environment_nor_folder"],
    "Names, arguments, output and errors reach":
        ["test_threats.TestTerminal.test_what_a_task_says_is_harmless",
         "test_threats.TestTerminal.test_top_and_events_are_harmless",
         "test_threats.TestLog.test_what_failed_is_one_line_of_ascii",
         "test_shutdown.TestTreeInTheLog.test_names_are_escaped",
         "e2e_terminal"],
}


def sentences():
    """What the README says, one string for each item."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as readme:
        section = re.search(r"\n## Who may do what\n(.*?)\n## ",
                            readme.read(), re.DOTALL).group(1)
    return [" ".join(item.split()) for item in section.split("\n- ")[1:]]


def tests_of(module):
    """Class.test of each test of a file."""
    path = os.path.join(SOURCE, "tests", module + ".py")
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    return {f"{one.name}.{test.name}" for one in tree.body
            if isinstance(one, ast.ClassDef)
            for test in one.body if isinstance(test, ast.FunctionDef)}


class TestReadme(unittest.TestCase):
    def test_each_sentence_is_held(self):
        said = sentences()
        self.assertEqual(len(said), len(HELD_BY))
        for sentence, beginning in zip(said, HELD_BY):
            self.assertTrue(sentence.startswith(beginning), sentence)

    def test_the_tests_are_there(self):
        for name in sum(HELD_BY.values(), []):
            with self.subTest(name):
                if "." in name:
                    module, _, test = name.partition(".")
                    self.assertIn(test, tests_of(module))
                else:
                    self.assertTrue(os.path.exists(os.path.join(
                        SOURCE, "tests", name + ".sh")))


class TestFolder(unittest.TestCase):
    """Of a default socket, which the daemon makes and looks at."""

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="tasklet-threats.")
        self.addCleanup(shutil.rmtree, self.home)
        self.folder = os.path.join(self.home, "tasklet")
        # As root the default is the system's.
        self.user = SERVICE if os.geteuid() == 0 else os.geteuid()
        os.chmod(self.home, 0o755)
        self.program = shutil.copy(daemon_module.TASKLETD, self.home)
        self.own(self.home)

    def own(self, path):
        os.chown(path, self.user, -1)

    def start(self):
        """Its standard error, having ended or been ended."""
        process = subprocess.Popen(
            [*daemon_module.WRAPPER, self.program], text=True,
            env={"XDG_RUNTIME_DIR": self.home, "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            user=self.user if NOT_ROOT is None else None)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_refused(self):
        process = self.start()
        _, error = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertIn(self.folder + "/control.sock: its folder", error)

    def make(self, mode):
        os.mkdir(self.folder)
        os.chmod(self.folder, mode)
        self.own(self.folder)

    def test_an_unsafe_one_is_refused(self):
        for mode in (0o755, 0o720, 0o702, 0o710, 0o701):
            with self.subTest(oct(mode)):
                self.make(mode)
                self.assert_refused()
                self.assertEqual(os.listdir(self.folder), [])
                os.rmdir(self.folder)

    def test_a_link_or_a_file_is_none(self):
        self.make(0o700)
        os.rename(self.folder, self.folder + ".real")
        os.symlink(self.folder + ".real", self.folder)
        self.assert_refused()
        self.assertEqual(os.listdir(self.folder), [])
        os.unlink(self.folder)
        open(self.folder, "w", encoding="ascii").close()
        self.own(self.folder)
        self.assert_refused()

    @unittest.skipIf(NOT_ROOT, NOT_ROOT)
    def test_anothers_is_refused(self):
        os.mkdir(self.folder, 0o700)
        self.assert_refused()

    def test_its_own_is_made(self):
        process = self.start()
        self.assertIn("listens", process.stderr.readline())
        self.assertEqual(stat.S_IMODE(os.lstat(self.folder).st_mode), 0o700)
        process.terminate()
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0)


class TestSocketFile(unittest.TestCase):
    def test_a_link_to_a_socket_is_left_alone(self):
        """Served or not: what is behind it is nobody's to remove."""
        folder = tempfile.mkdtemp(prefix="tasklet-threats.")
        self.addCleanup(shutil.rmtree, folder)
        real, link = (os.path.join(folder, name) for name in ("real", "link"))
        with socket.socket(socket.AF_UNIX) as left_over:
            left_over.bind(real)
        os.symlink(real, link)
        daemon = daemon_module.Daemon(path=link)
        self.addCleanup(daemon.kill)
        self.assertEqual(daemon.wait(), 1)
        self.assertIn("is no socket", daemon.log())
        self.assertEqual(sorted(os.listdir(folder)), ["link", "real"])


class TestPeer(DaemonTest):
    def send_with(self, data, *ancillary):
        self.client.socket.sendmsg([data], [
            (socket.SOL_SOCKET, kind, value) for kind, value in ancillary])

    def rights(self, *descriptors):
        return (socket.SCM_RIGHTS,
                struct.pack(f"{len(descriptors)}i", *descriptors))

    def pipe(self):
        """Both ends; the second is to be closed by the test."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.set_blocking(reading, False)
        return reading, writing

    def is_closed(self, reading):
        """Whether nobody has the other end."""
        try:
            return os.read(reading, 1) == b""
        except BlockingIOError:
            return False

    def test_descriptors_that_are_sent_are_closed(self):
        before = self.daemon.descriptors_in_use()
        ping = line(request("ping", id=1))
        for count in (1, 2, 253):  # the most that Linux takes
            reading, writing = self.pipe()
            self.send_with(ping, self.rights(*[writing] * count))
            os.close(writing)
            self.assertEqual(self.client.read()["result"], "pong")
            self.assertTrue(self.is_closed(reading))
        self.send_with(ping, self.rights(self.client.socket.fileno()))
        self.assertEqual(self.client.read()["result"], "pong")
        self.daemon.await_descriptors(before)

    def test_they_are_while_it_is_not_read_from(self):
        """They are with the system; they go with the connection."""
        self.daemon.await_stop()
        reading, writing = self.pipe()
        self.send_with(b"{", self.rights(writing))
        os.close(writing)
        self.assertFalse(self.is_closed(reading))
        self.daemon.signal(signal.SIGCONT)
        self.client.close()
        eventually(lambda: self.is_closed(reading))
        self.client = self.connect()
        self.client.call("ping")

    @unittest.skipIf(NOT_ROOT, NOT_ROOT)
    def test_credentials_that_are_sent_are_ignored(self):
        """Only root may say that it is somebody else."""
        for uid in (SERVICE, 0):
            self.send_with(
                line(request("current", id=1)),
                (socket.SCM_CREDENTIALS, struct.pack("3i", os.getpid(), uid,
                                                     uid)))
            self.assertEqual(
                self.client.read()["result"]["owner"]["uid"], 0)


# Characters by which text hides what it is: a direction that is overridden,
# isolated or marked, nothing of no width, a tag, and the controls.
HIDDEN = "\u202e\u2066\u061c\u200b\ufeff\U000e0041"
CONTROLS = "\u001b]0;x\u0007\u009b31m\r\n\u2028"
SEEN = "é e\u0301 漢 א \U0001f600"


class TestLog(DaemonTest):
    def test_what_failed_is_one_line_of_ascii(self):
        name = "forged" + HIDDEN
        task = self.client.call(
            "interval", function="fail", seconds=0, max_runs=1, name=name,
            args=[CONTROLS + "taskletd: error: main: forged" + HIDDEN])["id"]
        self.client.call("join", tasks=[task])
        program = Program(self.daemon.path)
        self.addCleanup(program.close)
        program.provide("failing")
        task = self.client.call("interval", function="failing", seconds=0,
                                max_runs=1, name=name)["id"]
        program.fail(program.expect("run")["task"], CONTROLS + HIDDEN)
        self.client.call("join", tasks=[task])
        lines = [one for one in self.daemon.log().splitlines()
                 if "forged" in one]
        self.assertEqual(len(lines), 2)
        for one in lines:
            self.assertTrue(one.isascii() and one.isprintable(), one)
            self.assertTrue(one.startswith("taskletd: warning: recur: "), one)


class TestTerminal(DaemonTest):
    def on_terminal(self, *args, until=None, key=b""):
        """What tasklet-ctl writes there; once that is seen, a key is typed,
        which ends it."""
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("4H", 50, 500, 0, 0))
            os.environ.update(LC_ALL="C.UTF-8", TERM="xterm", NO_COLOR="1")
            os.execv(CTL, [CTL, "--socket", self.daemon.path, *args])
        data, deadline = b"", time.monotonic() + PATIENCE
        with open(terminal, "r+b", buffering=0) as screen:
            while piece := self.read(screen):
                data += piece
                if until is not None and until in data:
                    screen.write(key)
                    until = None
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.assertLess(time.monotonic(), deadline, data)
        return data.decode()

    def read(self, screen):
        ready, _, _ = select.select([screen], [], [], PATIENCE)
        assert ready, "nothing is drawn"
        try:
            return screen.read(65536)
        except OSError:  # EIO: all others have closed it
            return b""

    def assert_harmless(self, text):
        for hidden in HIDDEN + "\u009b\u2028\u0007":
            self.assertNotIn(hidden, text)
        self.assertIn("\\u202e", text)

    def test_what_a_task_says_is_harmless(self):
        name = SEEN + HIDDEN
        task = self.client.spawn("sleep", 1e9, name=name)
        failed = self.client.spawn("fail", CONTROLS + name)
        self.client.call("join", tasks=[failed])
        said = self.client.spawn("echo", {name + CONTROLS: CONTROLS})
        printed = self.client.spawn("print", name + CONTROLS)
        self.client.call("join", tasks=[said, printed])
        for command in (
                ("list",), ("tree",), ("tree", "--format", "dot"),
                ("--json", "list"), ("show", str(task)),
                ("show", str(failed)), ("join", str(failed)),
                ("--json", "join", str(failed)), ("show", str(said)),
                ("join", str(said)), ("log", str(printed)),
                ("spawn", "-n", name, "echo"),
                ("spawn", "-n", name, "--unique", "echo"),
                ("show", "no" + name), ("cancel", "no" + name),
                ("call", "nothing" + name)):
            with self.subTest(" ".join(command)):
                text = self.on_terminal(*command)
                self.assert_harmless(text)
                self.assertNotIn("\u001b", text)
        eventually(self.is_traced)
        for seen in SEEN.split():
            self.assertIn(seen, self.on_terminal("list"))
        self.client.call("cancel", task=task)

    def is_traced(self):
        """Whether that was quick enough to be told of a task."""
        text = self.on_terminal("trace", "-d", "0.1")
        for hidden in HIDDEN + "\u009b\u2028\u0007\u001b":
            self.assertNotIn(hidden, text)
        return "\\u202e" in text

    def test_top_and_events_are_harmless(self):
        name = "name" + HIDDEN
        task = self.client.spawn("sleep", 1e9, name=name)
        self.assert_harmless(self.on_terminal("top", until=b"\\u202e",
                                              key=b"q"))
        self.client.call("cancel", task=task)
        task = self.client.call(  # to hear of whenever it begins
            "rate", function="fail", args=["no"], hertz=50, name=name)["id"]
        self.assert_harmless(self.on_terminal("events", until=b"\\u202e",
                                              key=b"\x03"))
        self.client.call("cancel", task=task)


class TestCommand(DaemonTest):
    def test_user_and_environment(self):
        task = self.client.spawn("exec", "sh", "-c", "id -u; env", options={
            "env": {"GIVEN": "x"}})
        self.client.call("join", task=task)
        uid, *variables = self.client.call(
            "output", task=task)["data"].splitlines()
        self.assertEqual(int(uid), os.geteuid())
        self.assertIn("GIVEN=x", variables)
        self.assertIn("PATH=" + os.environ["PATH"], variables)


@unittest.skipIf(NOT_ROOT, NOT_ROOT)
class TestAnothersDaemon(unittest.TestCase):
    def run_command(self, daemon):
        """What a command that tasklet-ctl spawns there sees."""
        return subprocess.run(
            [CTL, "--socket", daemon.path, "run", "--", "sh", "-c",
             "pwd; echo $SECRET"], cwd="/usr/share", capture_output=True,
            env={**os.environ, "SECRET": "mine"}, text=True, check=True,
            stdin=subprocess.DEVNULL, timeout=60).stdout.splitlines()

    def start(self, kind):
        daemon = kind()
        self.addCleanup(daemon.kill)
        daemon.await_ready().close()
        return daemon

    def test_is_told_neither_environment_nor_folder(self):
        mine = self.run_command(self.start(daemon_module.Daemon))
        self.assertEqual(mine, ["/usr/share", "mine"])
        folder, secret = self.run_command(self.start(ServiceDaemon))
        self.assertEqual((folder, secret), (os.getcwd(), ""))


if __name__ == "__main__":
    unittest.main()
