#!/usr/bin/env python3
"""subscribe: what happens to tasks is told, in order, and what was missed."""

import unittest

from daemon import DaemonTest, eventually, line, request, scaled

QUEUED = 1024
SUBSCRIPTIONS = 64


class EventTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.other = self.connect()

    def subscribe(self, **params):
        self.client.call("subscribe", **params)

    def event(self):
        """The params of the next notification."""
        notification = self.client.read()
        self.assertEqual(notification["method"], "event")
        self.assertNotIn("id", notification)
        return notification["params"]

    def events(self, count):
        """So many, numbered from 1: what, and of which task."""
        events = [self.event() for _ in range(count)]
        self.assertEqual([one["number"] for one in events],
                         list(range(1, count + 1)))
        times = [one["time"] for one in events]
        self.assertEqual(times, sorted(times))
        return [(one["what"], one["task"]["id"]) for one in events]

    def assert_silent(self):
        """What was asked for is all that comes."""
        self.other.call("ping")
        self.assertEqual(self.client.call("ping"), "pong")
        self.assertEqual(self.client.early, {})


class TestWhat(EventTest):
    def test_a_life(self):
        self.subscribe()
        task = self.other.spawn("echo", 1)
        self.assertEqual(self.events(3), [
            ("created", task), ("started", task), ("finished", task)])
        self.assert_silent()

    def test_a_failure(self):
        self.subscribe(what=["failed", "finished"])
        task = self.other.spawn("fail", "no")
        self.assertEqual(self.events(2), [("failed", task),
                                          ("finished", task)])

    def test_each_failed_run(self):
        self.subscribe(what=["failed", "started"])
        task = self.other.call("interval", function="fail", args=["no"],
                               seconds=0, max_runs=3)["id"]
        self.assertEqual(self.events(4), [("started", task)] +
                         3 * [("failed", task)])

    def test_the_row_is_as_it_then_was(self):
        self.subscribe(what=["created", "finished"])
        task = self.other.spawn("sleep", 1e9, name="row")
        self.other.call("cancel", task=task)
        created, finished = self.event()["task"], self.event()["task"]
        self.assertEqual(created["state"], "ready")
        self.assertEqual(finished["state"], "cancelled")
        for row in (created, finished):
            self.assertEqual((row["id"], row["name"]), (task, "row"))
            self.assertNotIn("args", row)

    def test_the_row_tells_which_gate_it_waits_at(self):
        self.subscribe(what=["created"])
        first = self.other.spawn("sleep", 1e9, pool="p", weight=1000)
        queued = self.other.spawn("sleep", 1e9, pool="p")
        after = self.other.spawn("sleep", 1e9, pool="p", after=first)
        later = self.other.call("later", function="echo", seconds=1e9,
                                pool="p")["id"]
        tasks = [first, queued, after, later]
        rows = [self.event()["task"] for _ in tasks]
        self.assertEqual([row["id"] for row in rows], tasks)
        self.assertEqual([(row["state"], row.get("wait", {}).get("for"))
                          for row in rows],
                         [("ready", None), ("waiting", "pool"),
                          ("waiting", "after"), ("sleeping", "deadline")])
        self.other.call("cancel", tasks=tasks)

    def test_output(self):
        self.subscribe(what=["output"])
        task = self.other.spawn("print", "x")
        self.assertEqual(self.events(1), [("output", task)])
        self.assert_silent()

    def test_clients_are_no_tasks(self):
        self.subscribe()
        self.connect().call("ping")
        self.assert_silent()

    def test_cancel_of_a_subtree(self):
        top = self.other.spawn("sleep", 1e9)
        below = self.other.spawn("sleep", 1e9, parent=top)
        self.subscribe(what=["finished"])
        self.other.call("cancel", task=top)
        self.assertEqual(self.events(2), [("finished", below),
                                          ("finished", top)])


class TestWhose(EventTest):
    def test_of_a_task_and_those_below_it(self):
        top = self.other.spawn("sleep", 1e9)
        self.subscribe(what=["created"], task=top)
        self.other.spawn("sleep", 1e9)
        child = self.other.spawn("sleep", 1e9, parent=top)
        grandchild = self.other.spawn("sleep", 1e9, parent=child)
        self.assertEqual(self.events(2), [("created", child),
                                          ("created", grandchild)])

    def test_of_a_name(self):
        self.subscribe(what=["created"], name="bu?ld*")
        self.other.spawn("sleep", 1e9, name="other")
        task = self.other.spawn("sleep", 1e9, name="build-1")
        self.assertEqual(self.events(1), [("created", task)])

    def test_of_a_task_that_is_not_there(self):
        self.assert_error("NoSuchTask", self.client.call, "subscribe",
                          task=10**9)


class TestSubscription(EventTest):
    def test_the_next_one_replaces_it(self):
        self.subscribe()
        self.subscribe(what=["created"])
        task = self.other.spawn("echo", 1)
        self.other.call("join", task=task)
        self.assertEqual(self.events(1), [("created", task)])
        self.assert_silent()

    def test_it_ends(self):
        self.subscribe()
        self.client.call("unsubscribe")
        self.client.call("unsubscribe")
        self.other.call("join", task=self.other.spawn("echo", 1))
        self.assert_silent()

    def test_one_who_does_not_read_is_told_what_was_missed(self):
        self.subscribe(what=["created"])
        rounds = scaled(40000) // 1000 or 1
        for _ in range(rounds):
            for _ in range(1000):
                self.other.start("spawn", function="echo")
            for _ in range(1000):
                self.other.read()
        numbers, missed = [], 0
        while not numbers or numbers[-1] < rounds * 1000:
            event = self.event()
            if event["what"] == "missed":
                self.assertEqual(event["from"],
                                 numbers[-1] + 1 if numbers else 1)
                missed += event["to"] - event["from"] + 1
                numbers.append(event["to"])
            else:
                self.assertEqual(event["number"],
                                 numbers[-1] + 1 if numbers else 1)
                numbers.append(event["number"])
        self.assert_silent()

    def test_while_there_is_room_nothing_is_missed(self):
        self.subscribe(what=["finished"])
        others = [self.connect() for _ in range(5)]
        spawns = b"".join(line(request("spawn", {"function": "echo"}, id=i))
                          for i in range(1000))
        for other in others:
            other.send(spawns)
        self.assertEqual({what for what, _ in self.events(5000)},
                         {"finished"})
        for other in others:
            for _ in range(1000):
                other.read()

    def test_a_half_closed_client_still_hears(self):
        self.subscribe(what=["created"])
        self.client.half_close()
        task = self.other.spawn("echo", 1)
        self.assertEqual(self.events(1), [("created", task)])
        self.client.close()
        self.client = self.connect()
        self.client.call("ping")

    def test_too_many(self):
        clients = [self.connect() for _ in range(SUBSCRIPTIONS)]
        for client in clients:
            client.call("subscribe")
        error = self.assert_error("LimitExceeded", self.client.call,
                                  "subscribe")
        self.assertEqual(error.data["limit"], "subscriptions")
        clients[0].call("subscribe")
        clients[0].call("unsubscribe")
        self.subscribe()
        self.client.call("unsubscribe")
        clients[1].close()

        def is_taken():
            try:
                clients[0].call("subscribe")
            except Exception:
                return False
            return True
        eventually(is_taken)

    def test_who_leaves_in_the_midst(self):
        for _ in range(20):
            client = self.connect()
            client.call("subscribe")
            self.other.start("spawn", function="echo")
            client.close()
            self.other.read()


if __name__ == "__main__":
    unittest.main()
