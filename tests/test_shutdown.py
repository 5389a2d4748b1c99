#!/usr/bin/env python3
"""The daemon's own life: its socket, its signals, its end."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import time
import unittest

from daemon import (SCALE, TASKLETD, Closed, Daemon, DaemonTest, RpcError,
                    eventually, line, request, scaled)

# From the request to the exit status, where nobody holds it up.
PROMPTLY = 1 if SCALE == 1 else 10


class ProcessTest(unittest.TestCase):
    """Each test starts daemons of its own."""

    def start(self, *args, **kwargs):
        daemon = Daemon(*args, **kwargs)
        self.addCleanup(daemon.kill)
        return daemon

    def start_ready(self, *args, **kwargs):
        daemon = self.start(*args, **kwargs)
        return daemon, self.keep(daemon.await_ready())

    def keep(self, client):
        self.addCleanup(client.close)
        return client

    def connect(self, daemon):
        return self.keep(daemon.connect())


class TestShutdown(ProcessTest):
    """What waits is answered, then the daemon ends: by any of three ways."""

    def shut_down(self, daemon, how):
        if how == "shutdown":
            self.assertIsNone(self.connect(daemon).call("shutdown"))
        else:
            daemon.signal(how)

    def test_what_waits_is_answered(self):
        for how in (signal.SIGTERM, signal.SIGINT, "shutdown"):
            with self.subTest(how=how):
                daemon, client = self.start_ready()
                task = client.spawn("sleep", 1e9)
                join = client.start("join", task=task)
                sleep = client.start("sleep", seconds=1e9)
                root = client.start("join", task=1)
                client.send_json([request("ping", id="ping"),
                                  request("join", {"tasks": [task]},
                                          id="all")])
                client.call("ping")
                self.shut_down(daemon, how)
                self.assert_told(client, task, join, sleep, root)
                daemon.check_end()

    def assert_told(self, client, task, join, sleep, root):
        while (text := client.read_line()) is not None:
            reply = json.loads(text)
            if isinstance(reply, list):
                client.early.update((one["id"], one) for one in reply)
            else:
                client.early[reply["id"]] = reply
        cause = client.early[join]["error"]["data"]["cause"]
        self.assertEqual(cause["data"]["reason"],
                         "the daemon is shutting down")
        for waiting in (sleep, root):
            self.assertEqual(
                client.early[waiting]["error"]["data"]["type"], "Cancelled")
        outcome, = client.early["all"]["result"]
        self.assertEqual((outcome["task"], outcome["state"]),
                         (task, "cancelled"))
        self.assertEqual(client.early["ping"]["result"], "pong")

    def test_a_client_that_never_reads_does_not_hold_it_up(self):
        daemon, client = self.start_ready()
        stuck = self.connect(daemon)
        stuck.socket.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            while True:
                stuck.send(line(request("functions", id=1)) * 100)
        client.call("shutdown")
        daemon.check_end()

    def test_replies_larger_than_a_socket_holds_are_still_delivered(self):
        """To who reads them in two seconds; on a busy machine not each time."""
        eventually(self.is_delivered)

    def is_delivered(self):
        daemon, client = self.start_ready()
        task, count = client.spawn("sleep", 1e9), scaled(5000)
        client.send(line(request("join", {"tasks": [task] * count}, id=1)))
        client.call("ping")
        daemon.signal(signal.SIGTERM)
        try:
            self.assertEqual(len(client.read()["result"]), count)
            self.assertIsNone(client.read_line())
        except Closed:
            return False
        daemon.check_end()
        return True

    def test_by_a_signal_that_who_started_it_has_blocked(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            daemon, _ = self.start_ready()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        daemon.signal(signal.SIGTERM)
        daemon.check_end()

    def test_what_was_sent_before_is_answered(self):
        daemon, client = self.start_ready()
        other, count = self.connect(daemon), 500
        other.call("ping")  # it has been accepted
        # It finds all this at once.
        daemon.await_stop()
        other.send(line(request("ping", id=0)))
        client.send(line(request("ping", id=1)) * count +
                    line(request("join", {"task": 1}, id=2)) + b'{"half')
        daemon.signal(signal.SIGTERM)
        daemon.signal(signal.SIGCONT)
        for _ in range(count):
            reply = client.read()
            self.assertTrue(reply.get("result") == "pong" or
                            "shutting down" in reply["error"]["message"])
        self.assertEqual(client.read()["error"]["data"]["type"], "Cancelled")
        self.assertIsNone(client.read_line())
        self.assertEqual(other.read()["id"], 0)
        daemon.check_end()

    def test_during_the_grace_outcomes_are_told_and_nothing_begins(self):
        daemon, client = self.start_ready()
        self.assertEqual(client.call("later", seconds=1e9, function="sum",
                                     name="over")["name"], "over")
        client.call("spawn", function="exec", name="stubborn", args=[
            "sh", "-c", 'trap "" TERM; echo ready; while :; do :; done'],
                    options={"grace": 1000})
        eventually(lambda: client.call("output", task="stubborn")["data"])
        daemon.signal(signal.SIGTERM)
        eventually(lambda: "shutting down" in daemon.log())
        with self.assertRaises(RpcError) as caught:
            client.call("spawn", function="sum")
        self.assertEqual(caught.exception.data["type"], "Cancelled")
        self.assertEqual(client.call("show", task="over")["state"],
                         "cancelled")
        joins = [client.start("join", task=task)
                 for task in ("over", "stubborn")]
        daemon.signal(signal.SIGTERM)
        for join in joins:
            with self.assertRaises(RpcError) as caught:
                client.finish(join)
            self.assertEqual(caught.exception.data["state"], "cancelled")
        daemon.check_end()

    def test_half_a_request_and_an_idle_client_do_not_hold_it_up(self):
        """For as long as it waits for what is slow; on a busy machine not
        each time."""
        eventually(lambda: self.seconds_to_end() < PROMPTLY)

    def seconds_to_end(self):
        daemon, client = self.start_ready()
        client.send(b'{"jsonrpc":')
        self.connect(daemon).half_close()
        begin = time.monotonic()
        daemon.signal(signal.SIGTERM)
        daemon.check_end()
        return time.monotonic() - begin

    def test_many_tasks_do_not_hold_it_up(self):
        daemon, client = self.start_ready()
        client.send(line(request(
            "spawn", {"function": "sleep", "args": [1e9], "timeout": 1e9}))
                    * scaled(100000))
        client.call("ping")
        daemon.signal(signal.SIGTERM)
        daemon.check_end()

    def test_to_be_told_again_does_no_harm(self):
        daemon, client = self.start_ready()
        client.send(2 * line(request("shutdown", id=1)))
        for _ in range(5):
            daemon.signal(signal.SIGTERM)
        daemon.check_end()

    def test_no_client_is_taken_any_more(self):
        daemon, client = self.start_ready()
        client.call("shutdown")
        daemon.check_end()
        with self.assertRaises(FileNotFoundError):
            daemon.connect()


class TestSocket(ProcessTest):
    def private_path(self):
        """Of a daemon that has ended."""
        daemon, client = self.start_ready()
        client.call("shutdown")
        daemon.check_end()
        return daemon.path

    def stale_path(self):
        """Of a socket that nobody listens on."""
        path = self.private_path()
        with socket.socket(socket.AF_UNIX) as left_over:
            left_over.bind(path)
        return path

    def assert_refuses(self, path, *words):
        """A daemon with that socket exits 1 and says why."""
        daemon = self.start(path)
        self.assertEqual(daemon.wait(), 1)
        for word in (path, *words):
            self.assertIn(word, daemon.log())

    def test_it_is_for_its_user_alone(self):
        daemon, _ = self.start_ready()
        mode = os.stat(daemon.path).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_a_second_daemon_says_so_and_leaves_the_first_alone(self):
        daemon, client = self.start_ready()
        self.assert_refuses(daemon.path, "another taskletd")
        self.assertEqual(client.call("ping"), "pong")
        self.assertEqual(self.connect(daemon).call("ping"), "pong")

    def test_a_stale_one_is_taken_over(self):
        daemon, client = self.start_ready(self.stale_path())
        self.assertEqual(client.call("ping"), "pong")
        self.assertIn("stale", daemon.log())

    def test_that_of_a_daemon_that_was_killed_is_taken_over(self):
        first, _ = self.start_ready()
        first.process.kill()
        first.wait()
        self.assertTrue(os.path.lexists(first.path))
        _, client = self.start_ready(first.path)
        self.assertEqual(client.call("ping"), "pong")

    def test_any_other_file_is_left_alone(self):
        path = self.private_path()
        for make in (lambda: open(path, "w", encoding="ascii").close(),
                     lambda: os.symlink("/nonexistent", path),
                     lambda: os.mkdir(path), lambda: os.mkfifo(path)):
            make()
            before = os.lstat(path)
            self.assert_refuses(path)
            after = os.lstat(path)
            self.assertEqual((before.st_ino, before.st_mode),
                             (after.st_ino, after.st_mode))
            (os.rmdir if stat.S_ISDIR(after.st_mode) else os.unlink)(path)

    def test_a_path_that_cannot_be_bound_is_refused(self):
        folder = os.path.dirname(self.private_path())
        self.assert_refuses(os.path.join(folder, "missing/socket"))
        self.assert_refuses(os.path.join(folder, "x" * 200), "107 bytes")

    def test_of_two_started_at_once_on_a_stale_one_exactly_one_wins(self):
        for _ in range(10 if SCALE == 1 else 2):
            path = self.stale_path()
            rivals = [self.start(path) for _ in range(3)]
            eventually(lambda: sum(rival.process.poll() is not None
                                   for rival in rivals) == 2)
            winner, = (rival for rival in rivals
                       if rival.process.poll() is None)
            client = self.keep(winner.await_ready())
            self.assertEqual(client.call("version")["pid"], winner.pid)
            client.call("shutdown")
            winner.check_end()

    def test_what_another_has_put_in_its_place_is_not_removed(self):
        daemon, client = self.start_ready()
        os.unlink(daemon.path)
        second, other = self.start_ready(daemon.path)
        client.call("shutdown")
        self.assertEqual(daemon.wait(), 0)
        self.assertEqual(other.call("version")["pid"], second.pid)
        self.assertEqual(self.connect(second).call("ping"), "pong")
        other.call("shutdown")
        second.check_end()


class TestTreeInTheLog(DaemonTest):
    def log_after_signal(self, *words):
        self.daemon.signal(signal.SIGUSR1)
        eventually(lambda: all(word in self.daemon.log() for word in words))
        return self.daemon.log()

    def test_sigusr1_logs_the_tree(self):
        top = self.client.spawn("sleep", 1e9, name="top")
        below = self.client.spawn("sleep", 1e9, name="below", parent=top)
        log = self.log_after_signal('"top"', '"below"')
        self.assertRegex(log, rf'(?m)"top" {top} \w+, 1 children$')
        indents = [re.search(rf'tree: ( *)"{name}"', log).group(1)
                   for name in ("taskletd", "client", "top", "below")]
        self.assertEqual([len(indent) for indent in indents], [0, 2, 4, 6])
        self.assertLess(log.index(f'"top" {top}'),
                        log.index(f'"below" {below}'))

    def test_names_are_escaped(self):
        name = 'a"b\\c é \u202e\U0001f600'
        self.client.spawn("sleep", 1e9, name=name)
        log = self.log_after_signal('a\\"b')
        self.assertIn('a\\"b\\\\c', log)
        self.assertTrue(log.isascii())

    def test_a_large_tree_is_cut(self):
        count = 11000
        self.client.send(line(request(
            "spawn", {"function": "sleep", "args": [1e9]})) * count)
        self.client.call("ping")
        log = self.log_after_signal("more")
        self.assertRegex(log, r"(?m)tree: and \d+ more$")
        self.assertEqual(self.bystander.call("ping"), "pong")
        self.bystander.call("cancel",
                            task=self.client.call("current")["id"])


class TestCommandLine(unittest.TestCase):
    def run_daemon(self, *args):
        return subprocess.run([TASKLETD, *args], capture_output=True,
                              text=True, timeout=60, check=False)

    def test_version_and_help_are_for_stdout(self):
        for option, text in (("--version", "taskletd "), ("--help", "usage:")):
            run = self.run_daemon(option)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            self.assertTrue(run.stdout.startswith(text))

    def test_what_it_does_not_know_is_named_and_exits_2(self):
        for args, word in ((("--nonsense",), "nonsense"),
                           (("--socket", ""), "--socket"),
                           (("--socket",), "socket"),
                           (("--log-level", "loud"), "loud"),
                           (("word",), "word")):
            run = self.run_daemon(*args)
            self.assertEqual((run.returncode, run.stdout), (2, ""))
            self.assertIn(word, run.stderr)
            self.assertIn("--help", run.stderr)


class TestLogLevel(ProcessTest):
    def log_of(self, *options):
        daemon, client = self.start_ready(options=options)
        client.call("shutdown")
        daemon.check_end()
        return daemon.log()

    def test_errors_alone(self):
        self.assertEqual(self.log_of("--log-level", "error"), "")

    def test_debug_lines_of_one_subsystem(self):
        self.assertNotIn("debug: conn:", self.log_of())
        self.assertIn("debug: conn:", self.log_of("--debug", "conn"))
        self.assertIn("debug: conn:", self.log_of("--log-level", "debug"))


if __name__ == "__main__":
    unittest.main()
