#!/usr/bin/env python3
"""System calls fail: who asked is told, nobody else notices, and once they
work again nothing is lost and nothing is left."""

import os
import pwd
import random
import signal
import unittest

from commands import children_of
from conversation import CannotStart, Conversation
from daemon import (PATIENCE, WRAPPER, Closed, DaemonTest, RpcError,
                    eventually)
from faults import SEED, FaultyDaemon, Plan, processes_of, sample

# What the system may say, of each.
ERRORS = {
    "accept4": ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED",
                "EINTR", "EPROTO"),
    "clone": ("EAGAIN", "ENOMEM"),
    "dup3": ("EBADF",),
    "epoll_ctl": ("ENOMEM", "ENOSPC"),
    "epoll_wait": ("EINTR",),
    "memfd_create": ("EMFILE", "ENOMEM"),
    "open": ("EMFILE", "ENFILE", "ENOMEM"),
    "pidfd_open": ("EMFILE", "ENOMEM", "ENODEV"),
    "pipe2": ("EMFILE", "ENFILE"),
    "pread": ("EINTR", "ENOMEM"),
    "read": ("EINTR", "EAGAIN", "ECONNRESET", "ENOMEM"),
    "recv": ("EINTR", "EAGAIN", "ECONNRESET", "ENOMEM"),
    "send": ("EAGAIN", "EINTR", "EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM"),
    "wait4": ("EINTR",),
    "waitid": ("EINTR",),
    "waitpid": ("EINTR",),
    "write": ("EAGAIN", "EINTR", "EPIPE", "ENOSPC", "ENOMEM"),
    "writev": ("EAGAIN", "EINTR", "EPIPE", "ECONNRESET", "ENOBUFS",
               "ENOMEM"),
}

# Where these fail the daemon tries again in a second.
SLOW = ("accept4", "epoll_ctl")

# Of all, in each test.
SAMPLES = 4


@unittest.skipIf(WRAPPER, "its own calls would fail")
class TestCalls(DaemonTest):
    @classmethod
    def setUpClass(cls):
        print(f"UNIT_SEED={SEED}")
        super().setUpClass()
        cls.counts = {step: cls.count(step) for step in Conversation.steps()}

    @classmethod
    def start_daemon(cls):
        cls.plan = Plan(ERRORS)
        cls.addClassCleanup(cls.plan.close)
        return FaultyDaemon(cls.plan)

    @classmethod
    def count(cls, step):
        """The calls that a step makes."""
        for function in ERRORS:
            cls.plan.set(function)
        Conversation(cls.daemon).take(step)
        return {function: cls.plan.calls(function) for function in ERRORS}

    def setUp(self):
        super().setUp()
        random.seed(SEED)
        self.client.close()
        eventually(lambda: self.gauges()["clients"] == 2)
        self.before = self.state()

    def state(self):
        """The gauges, and what commands are left."""
        return {**self.gauges(), "children": children_of(self.daemon.pid),
                "processes": processes_of(self.daemon)}

    def try_one(self, function, error, step, skip, count):
        conversation = Conversation(self.daemon)
        self.plan.set(function, error, skip, count)
        try:
            conversation.take(step)
        except (RpcError, CannotStart, Closed, ConnectionError):
            pass
        finally:
            self.plan.set(function)
        self.check(conversation)

    def check(self, conversation):
        """Each task that it was told of ends, and all is as before."""
        self.watcher.call("cancel", grace=0, tasks=[
            row["id"] for row in self.watcher.rows("list", finished=False)
            if row["function"] not in ("taskletd", "client")
            and row["id"] != self.bystander_task])
        for task in conversation.spawned:
            self.watcher.call("join", tasks=[task], timeout=PATIENCE)
        try:
            eventually(lambda: self.state() == self.before)
        except AssertionError:
            self.assertEqual(self.state(), self.before)

    def try_all(self, function):
        cases = [(error, step, skip) for step in self.counts
                 for skip in range(self.counts[step][function])
                 for error in ERRORS[function]]
        self.assertTrue(cases)
        slow = function in SLOW
        for i in sample(len(cases), 1 if slow else SAMPLES):
            for count in (1,) if slow else (1, 5):
                with self.subTest(cases[i], count=count):
                    self.try_one(function, *cases[i], count)


@unittest.skipIf(WRAPPER, "its own calls would fail")
class TestOwner(unittest.TestCase):
    def test_who_could_not_be_looked_up_is_again(self):
        """That there is no such user is another matter, and remembered."""
        plan = Plan(["getpwuid"])
        self.addCleanup(plan.close)
        for error in ("ENOMEM", "EMFILE"):
            plan.set("getpwuid", error, 0, 1)
            daemon = FaultyDaemon(plan)
            self.addCleanup(daemon.kill)
            client = daemon.await_ready()
            self.addCleanup(client.close)
            owner = {"uid": os.getuid()}
            self.assertEqual(client.call("current")["owner"], owner)
            owner["user"] = pwd.getpwuid(os.getuid()).pw_name
            eventually(lambda: client.call("current")["owner"] == owner)
            self.assertEqual(plan.calls("getpwuid"), 2)


def add_test(function):
    setattr(TestCalls, "test_" + function,
            lambda self: self.try_all(function))


for name in ERRORS:
    add_test(name)

if __name__ == "__main__":
    unittest.main()
