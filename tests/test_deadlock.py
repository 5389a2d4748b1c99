#!/usr/bin/env python3
"""Joins that could never end are refused at once, and others are not."""

import unittest

from daemon import DaemonTest, eventually

FOREVER = 1e9


class DeadlockTest(DaemonTest):
    def tearDown(self):
        super().tearDown()
        self.cancel_all()

    def sleeper(self, **params):
        return self.client.spawn("sleep", FOREVER, **params)

    def speak_for(self, task):
        client = self.connect()
        client.call("attach", task=task)
        return client

    def join(self, task, other):
        """The one joins the other; that it waits is seen."""
        client = self.speak_for(task)
        request = client.start("join", task=other)
        client.call("ping")
        return client, request

    def assert_deadlock(self, cycle, client, method="join", /, **params):
        error = self.assert_error("Deadlock", client.call, method, **params)
        self.assertEqual(error.code, 11)
        self.assertEqual(error.data["cycle"], cycle)

    def assert_waits(self, client, /, **params):
        request = client.start("join", **params)
        client.call("ping")
        self.assertNotIn(request, client.early)


class TestJoins(DeadlockTest):
    def test_of_one_that_joins_back(self):
        one, other = self.sleeper(), self.sleeper()
        client, request = self.join(one, other)
        speaker = self.speak_for(other)
        self.assert_deadlock([other, one], speaker, task=one)
        self.assert_deadlock([other, one], speaker, tasks=[1, one])
        self.assert_waits(speaker, tasks=[1, one], mode="any")
        self.assert_error("TimeoutError", speaker.call, "join", task=one,
                          timeout=0.01)
        self.client.call("cancel", task=other)
        self.assert_join_error("cancelled", client.finish, request)

    def test_once_a_join_is_gone_it_does_not_count(self):
        one, other = self.sleeper(), self.sleeper()
        client, _ = self.join(one, other)
        client.close()
        speaker = self.speak_for(other)
        eventually(lambda: self.client.call("stats")["clients"] == 4)
        self.assert_waits(speaker, task=one)

    def test_around_a_cycle(self):
        ring = [self.sleeper() for _ in range(20)]
        for one, other in zip(ring, ring[1:]):
            self.join(one, other)
        self.assert_deadlock([ring[-1], *ring[:-1]],
                             self.speak_for(ring[-1]), task=ring[0])

    def test_a_client_is_waited_for_by_its_own(self):
        own = self.client.call("current")["id"]
        child, other = self.sleeper(), self.sleeper(parent=1)
        for task in (child, other):
            self.client.start("join", task=task)
        self.client.call("ping")
        self.assert_deadlock([child, own], self.speak_for(child), task=own)
        self.assert_waits(self.speak_for(other), task=own)

    def test_of_a_parent_that_waits_for_its_children(self):
        top = self.sleeper(scope="wait")
        child = self.sleeper(parent=top)
        self.assert_deadlock([child, top], self.speak_for(child), task=top)


class TestGates(DeadlockTest):
    def test_of_one_that_comes_after(self):
        first = self.sleeper()
        then = self.client.spawn("echo", after=first)
        speaker = self.speak_for(first)
        self.assert_deadlock([first, then], speaker, task=then)

    def test_after_a_parent_that_waits_for_it(self):
        top = self.sleeper(scope="wait")
        for method, params in (("spawn", {}), ("loop", {})):
            self.assert_deadlock([top], self.client, method, function="echo",
                                 parent=top, after=top, args=[1],
                                 options={}, **params)
        other = self.sleeper(after=top)
        self.assertEqual(self.client.call("show", task=other)["state"],
                         "waiting")

    def test_of_one_in_a_pool_that_is_held_up(self):
        self.client.call("pool", name="p", size=2)
        one, other, third, last = [self.sleeper(pool="p") for _ in range(4)]
        self.assert_waits(self.speak_for(one), task=third)
        speaker = self.speak_for(other)
        self.assert_deadlock([other, last], speaker, task=last)
        self.client.call("pool", name="p", size=4)
        self.assert_waits(speaker, task=last)

    def test_a_command_that_would_wait_for_its_own_slot(self):
        self.client.call("pool", name="p", size=1)
        outer = self.client.spawn("exec", "sleep", "1000", pool="p")
        inner = self.client.spawn("echo", pool="p", parent=outer)
        self.assert_deadlock([outer, inner], self.speak_for(outer),
                             task=inner)
        self.client.call("cancel", task=outer, only=True)
        self.assertEqual(self.client.call("join", task=inner), [])


if __name__ == "__main__":
    unittest.main()
