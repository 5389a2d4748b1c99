#!/usr/bin/env python3
"""Clients by the ten thousand: held while they are idle, and served or refused
when they all come at once. Scaled down, with a word about it, where the limit on
open files does not allow so many."""

import json
import resource
import signal
import socket
import time
import unittest

from daemon import PATIENCE, SCALE, WRAPPER, Daemon, eventually, line, request

MANY = 10000 // SCALE
PING = line(request("ping", id=1))
SPARE = 200  # descriptors of either process for all else


def raised_limit():
    """How many descriptors a process may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def affordable():
    """How many clients, of those wanted."""
    most = min(MANY, raised_limit() - SPARE)
    if most < MANY:
        print(f"{most} clients instead of {MANY}: the limit on open files")
    return most


class ManyTest(unittest.TestCase):
    def start(self, **params):
        daemon = Daemon(**params)
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        client.call("ping")  # it has its descriptor
        return daemon, client

    def connect(self, path):
        """One that has asked for something; None where the system's queue is
        full."""
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        try:
            client.connect(path)
            client.sendall(PING)
            return client
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            client.close()
            return None

    def answer(self, client):
        """Served, refused, or closed before that could be said."""
        client.settimeout(PATIENCE)
        with client:
            try:
                reply = json.loads(client.recv(4096) or '{"result": "lost"}')
            except ConnectionResetError:
                return "lost"
        return reply.get("result") or reply["error"]["data"]["limit"]

    def end(self, daemon):
        daemon.signal(signal.SIGTERM)
        daemon.check_end()


class TestIdle(ManyTest):
    def test_they_are_held_and_disturb_nobody(self):
        count = affordable()
        daemon, client = self.start(options=(
            "--max-clients-per-uid", str(MANY + SPARE)))
        before = daemon.descriptors_in_use()
        idle = [eventually(lambda: self.connect(daemon.path))
                for _ in range(count)]
        self.addCleanup(lambda: [one.close() for one in idle])
        eventually(lambda: client.call("stats")["clients"] == count + 1)
        begun = time.monotonic()
        self.assertEqual(client.call("ping"), "pong")
        self.assertLess(time.monotonic() - begun, 30)
        for one in idle[::100]:
            self.assertEqual(self.answer(one), "pong")
        for one in idle:
            one.close()
        eventually(lambda: client.call("stats")["clients"] == 1)
        daemon.await_descriptors(before)
        self.end(daemon)


class TestStorm(ManyTest):
    def storm(self, daemon, kept):
        """That many connects, of which so many are open at once. How often
        each answer was given."""
        answers = {"busy": 0}
        waiting = []
        for _ in range(MANY):
            if (client := self.connect(daemon.path)) is None:
                answers["busy"] += 1
            else:
                waiting.append(client)
            if len(waiting) == kept or client is None:
                for one in waiting:
                    answer = self.answer(one)
                    answers[answer] = answers.get(answer, 0) + 1
                waiting.clear()
        for one in waiting:
            self.answer(one)
        return answers

    def check_storm(self, kept, **params):
        daemon, client = self.start(**params)
        before = daemon.descriptors_in_use()
        answers = self.storm(daemon, kept)
        self.assertEqual(client.call("ping"), "pong")
        eventually(lambda: client.call("stats")["clients"] == 1)
        daemon.await_descriptors(before)
        self.end(daemon)
        return answers

    def test_those_that_there_is_room_for_are_served(self):
        answers = self.check_storm(kept=50)
        self.assertEqual(set(answers), {"busy", "pong"})

    def test_the_others_are_refused(self):
        answers = self.check_storm(
            kept=50, options=("--max-clients", "20", "--max-clients-per-uid",
                              "1000", "--log-level", "error"))
        self.assertGreater(answers["pong"], 0)
        self.assertGreater(answers["clients"], 0)
        self.assertLessEqual(set(answers),
                             {"busy", "pong", "clients", "lost"})

    @unittest.skipIf(WRAPPER, "valgrind closes what it has no room for")
    def test_without_descriptors_they_wait(self):
        answers = self.check_storm(kept=100, descriptors=64, options=(
            "--max-clients", "1000", "--max-clients-per-uid", "1000",
            "--log-level", "error"))
        self.assertGreater(answers["pong"], 0)
        self.assertLessEqual(set(answers), {"busy", "pong"})


if __name__ == "__main__":
    unittest.main()
