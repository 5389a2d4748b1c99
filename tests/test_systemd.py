#!/usr/bin/env python3
"""What a service manager hands over, and what it is told: played by the test,
for which nothing need be booted."""

import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
import unittest

from daemon import (PATIENCE, TASKLETD, WRAPPER, Client, Daemon, RpcError,
                    eventually, line, request)

# Puts the descriptors that it is named in place, and turns into the daemon:
# LISTEN_PID can only be known there.
GIVER = """
import fcntl, os, sys
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100)
        for fd in sys.argv[1].split()]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
    os.close(fd)
me = str(os.getpid())
os.environ.update(LISTEN_PID=me, LISTEN_FDS=str(len(high)),
                  LISTEN_FDNAMES="control", WATCHDOG_PID=me)
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Service(Daemon):
    """A daemon that was handed sockets, and has a manager to report to."""

    def __init__(self, sockets=(), manager=None, options=(), **environment):
        self.passed = tuple(one.fileno() for one in sockets)
        self.environment = {**os.environ, **environment}
        if manager is not None:
            self.environment["NOTIFY_SOCKET"] = manager.path
        super().__init__(options=options)

    def command(self):
        if not self.passed:
            return super().command()
        fds = " ".join(map(str, self.passed))
        return [sys.executable, "-c", GIVER, fds, *WRAPPER, TASKLETD]


class Manager:
    """Who reads what the daemon reports."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def read(self, patience=PATIENCE):
        """The next report, as a dictionary; None where none comes."""
        self.socket.settimeout(patience)
        try:
            text = self.socket.recv(4096).decode()
        except (TimeoutError, BlockingIOError):
            return None
        return dict(one.split("=", 1) for one in text.splitlines())

    def read_until(self, name, value):
        """All that come until that one does."""
        seen = []
        while not seen or seen[-1].get(name) != value:
            report = self.read()
            assert report is not None, f"no {name}={value} after {seen}"
            seen.append(report)
        return seen


class SystemdTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="systemd.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "given.sock")

    def start(self, *args, **kwargs):
        daemon = Service(*args, **kwargs)
        self.addCleanup(daemon.kill)
        return daemon

    def manager(self):
        manager = Manager(self.folder)
        self.addCleanup(manager.socket.close)
        return manager

    def keep(self, client):
        self.addCleanup(client.close)
        return client

    def open(self, kind=socket.SOCK_STREAM, family=socket.AF_UNIX):
        return self.keep(socket.socket(family, kind))

    def listening(self, path=None):
        made = self.open()
        made.bind(path or self.path)
        made.listen()
        return made

    def connect(self):
        return self.keep(Client(self.path))


class TestActivation(SystemdTest):
    def test_who_connects_before_it_runs_is_served(self):
        given = self.listening()
        client = self.connect()
        request_id = client.start("ping")
        daemon = self.start([given])
        self.assertEqual(client.finish(request_id), "pong")
        self.assertIn(f"listens on {self.path}\n", daemon.log())

    def test_the_socket_is_left_to_who_made_it(self):
        given = self.listening()
        os.chmod(self.path, 0o640)
        daemon = self.start([given])
        self.assertIsNone(self.connect().call("shutdown"))
        self.assertEqual(daemon.wait(), 0, daemon.log())
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o640)
        # It still listens: the next daemon serves who comes now.
        client = self.connect()
        request_id = client.start("ping")
        self.start([given])
        self.assertEqual(client.finish(request_id), "pong")

    def test_commands_learn_its_path_and_nothing_else_of_it(self):
        manager = self.manager()
        self.start([self.listening()], manager, WATCHDOG_USEC="1000000000",
                   INVOCATION_ID="42")
        client = self.connect()
        task = client.spawn("exec", "sh", "-c", "env; test -e /proc/self/fd/3 || echo no more")
        client.call("join", task=task)
        output = client.call("output", task=task)["data"]
        lines = output.splitlines()
        self.assertIn(f"TASKLET_SOCKET={self.path}", lines)
        self.assertIn("INVOCATION_ID=42", lines)
        self.assertNotRegex(output, "LISTEN_|WATCHDOG_|NOTIFY_")
        self.assertIn("no more", lines)

    def test_a_command_may_be_given_such_variables(self):
        self.start([self.listening()], NOTIFY_SOCKET="/not/mine")
        client = self.connect()
        task = client.spawn("exec", "printenv", "NOTIFY_SOCKET",
                            options={"env": {"NOTIFY_SOCKET": "/its/own"}})
        client.call("join", task=task)
        self.assertEqual(client.call("output", task=task)["data"],
                         "/its/own\n")

    def assert_refuses(self, sockets, *words, options=()):
        daemon = self.start(sockets, options=options)
        self.assertEqual(daemon.wait(), 1)
        for word in words:
            self.assertIn(word, daemon.log())

    def test_anything_but_one_listening_unix_stream_socket_is_refused(self):
        datagram = self.open(socket.SOCK_DGRAM)
        datagram.bind(os.path.join(self.folder, "datagram"))
        deaf = self.open()
        deaf.bind(os.path.join(self.folder, "deaf"))
        internet = self.open(family=socket.AF_INET)
        internet.bind(("127.0.0.1", 0))
        internet.listen()
        with open(os.path.join(self.folder, "file"), "wb") as file:
            for wrong in datagram, deaf, internet, file:
                self.assert_refuses([wrong], "no listening Unix stream")

    def test_more_than_one_is_refused(self):
        self.assert_refuses(
            [self.listening(), self.listening(self.path + "2")],
            "2 sockets are handed over")

    def test_one_without_a_path_is_refused(self):
        self.assert_refuses([self.listening(f"\0tasklet.{os.getpid()}")],
                            "no path")

    def test_another_path_beside_it_is_refused(self):
        self.assert_refuses([self.listening()], "--socket", self.path,
                            options=["--socket", self.path + "2"])
        self.assertFalse(os.path.lexists(self.path + "2"))

    def test_what_is_meant_for_another_process_is_not_taken(self):
        daemon = self.start(LISTEN_PID="1", LISTEN_FDS="1")
        self.keep(daemon.await_ready()).call("shutdown")
        daemon.check_end()

    @unittest.skipUnless(shutil.which("systemd-socket-activate"),
                         "no systemd-socket-activate")
    def test_systemd_socket_activate(self):
        path = self.path

        class Activated(Daemon):
            def command(self):
                return ["systemd-socket-activate", "-l", path, *WRAPPER,
                        TASKLETD]

        daemon = Activated()
        self.addCleanup(daemon.kill)
        eventually(lambda: os.path.exists(path))
        client = self.keep(eventually(self.try_connect))
        self.assertEqual(client.call("version")["pid"], daemon.pid)
        client.call("shutdown")
        self.assertEqual(daemon.wait(), 0, daemon.log())

    def try_connect(self):
        try:
            return Client(self.path)
        except ConnectionRefusedError:
            return None


class TestReports(SystemdTest):
    def setUp(self):
        super().setUp()
        self.watcher = self.manager()

    def begin(self, **environment):
        """A daemon that is ready, and a client whose coming was told."""
        self.daemon = self.start(manager=self.watcher, **environment)
        self.assertEqual(self.watcher.read(),
                         {"READY": "1", "STATUS": "0 tasks, 0 clients"})
        self.client = self.keep(self.daemon.await_ready())
        self.watcher.read_until("STATUS", "0 tasks, 1 client")

    def test_it_is_ready_before_it_answers(self):
        given = self.listening()
        client = self.connect()
        client.send(line(request("ping", id=1)))
        self.start([given], self.watcher)
        self.assertEqual(client.read()["result"], "pong")
        self.assertEqual(self.watcher.read(0)["READY"], "1")

    def test_it_is_not_ready_where_it_cannot_start(self):
        daemon = self.start(manager=self.watcher,
                            options=["--socket", "/nonexistent/a.sock"])
        self.assertEqual(daemon.wait(), 1)
        self.assertIsNone(self.watcher.read(0))

    def test_it_tells_how_many_tasks_and_clients_there_are(self):
        self.begin()
        tasks = [self.client.spawn("sleep", 1e9) for _ in range(3)]
        self.watcher.read_until("STATUS", "3 tasks, 1 client")
        self.keep(self.daemon.connect())
        self.watcher.read_until("STATUS", "3 tasks, 2 clients")
        self.client.call("cancel", tasks=tasks[:2])
        self.watcher.read_until("STATUS", "1 task, 2 clients")

    def test_much_that_changes_is_told_once_a_second(self):
        self.begin()
        begin = time.monotonic()
        total = 0
        while time.monotonic() < begin + 1.5:
            self.client.spawn("sleep", 1e9)
            total += 1
        reports = self.watcher.read_until("STATUS", f"{total} tasks, 1 client")
        self.assertLessEqual(len(reports), time.monotonic() - begin + 1)

    def test_an_idle_daemon_sleeps(self):
        self.begin()
        # What it was told last, it goes to sleep after.
        self.assertIsNone(self.watcher.read(0.5))
        eventually(self.is_asleep)

    def is_asleep(self):
        """It is not, each time, if it wakes up now and then."""
        before = self.switches()
        self.assertIsNone(self.watcher.read(2.5))
        return self.switches() == before

    def switches(self):
        with open(f"/proc/{self.daemon.pid}/status", encoding="ascii") as f:
            return re.search(r"^voluntary_ctxt_switches:\s*(\d+)", f.read(),
                             re.MULTILINE)[1]

    def test_it_tells_that_it_stops(self):
        self.begin()
        self.client.call("shutdown")
        self.watcher.read_until("STOPPING", "1")
        self.daemon.check_end()

    def test_a_watchdog_is_fed_by_the_loop(self):
        begin = time.monotonic()
        self.begin(WATCHDOG_USEC="400000")
        for _ in range(4):
            self.watcher.read_until("WATCHDOG", "1")
        self.assertGreater(time.monotonic() - begin, 0.55)
        self.daemon.await_stop()
        while self.watcher.read(0) is not None:
            continue
        self.assertIsNone(self.watcher.read(0.6))
        self.daemon.signal(signal.SIGCONT)
        self.watcher.read_until("WATCHDOG", "1")

    def test_a_watchdog_that_another_process_has_is_left_alone(self):
        self.begin(WATCHDOG_USEC="100000", WATCHDOG_PID="1")
        self.assertIsNone(self.watcher.read(0.5))

    def test_a_manager_that_is_gone_does_no_harm(self):
        os.unlink(self.watcher.path)
        daemon = self.start(manager=self.watcher, WATCHDOG_USEC="20000")
        client = self.keep(daemon.await_ready())
        self.assertEqual(client.call("ping"), "pong")
        client.call("shutdown")
        daemon.check_end()


class TestCgroups(SystemdTest):
    """What is not delegated is left alone, also where root could change it."""

    def test_without_delegation_there_are_none_and_limits_are_refused(self):
        daemon = self.start()
        client = self.keep(daemon.await_ready())
        with open(f"/proc/{daemon.pid}/cgroup", encoding="ascii") as file:
            place = file.read()
        with open("/proc/self/cgroup", encoding="ascii") as file:
            self.assertEqual(place, file.read())
        self.assertIs(client.call("stats")["cgroups"], False)
        for option in "memory_max", "cpu_weight", "tasks_max":
            with self.assertRaises(RpcError) as caught:
                client.spawn("exec", "true", options={option: 1})
            self.assertEqual(caught.exception.code, -32602)
            self.assertIn(f"{option}: this daemon has no cgroups",
                          str(caught.exception))


class TestLog(SystemdTest):
    def test_where_stderr_is_not_the_journal_the_log_stays_there(self):
        for stream in "1:1", "", "nonsense":
            daemon = self.start(JOURNAL_STREAM=stream)
            self.keep(daemon.await_ready()).call("shutdown")
            daemon.check_end()
            self.assertIn("taskletd: info: main: ", daemon.log())

    def test_a_long_line_is_cut_between_characters(self):
        for shift in range(2):
            folder = "/" + "x" * shift + "\u00e9" * 5000
            daemon = self.start(options=("--tasks", folder))
            # By then it has looked for the folder.
            self.keep(daemon.await_ready()).call("ping")
            with open(daemon.log_path, "rb") as log:
                one = next(one for one in log if b"boot" in one)
            self.assertLess(len(one), 4096)
            self.assertGreater(len(one), 3900)
            self.assertIn("\u00e9\u00e9\n", one.decode())


if __name__ == "__main__":
    unittest.main()
