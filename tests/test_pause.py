#!/usr/bin/env python3
"""Pausing over the socket: replies, states, time that stands still."""

import time
import unittest

from daemon import DaemonTest, eventually, line, request


class PauseTest(DaemonTest):
    def sleeper(self, seconds=1e9, **params):
        return self.client.spawn("sleep", seconds, **params)

    def show(self, task):
        return self.client.call("show", task=task)

    def state(self, task):
        return self.show(task)["state"]

    def pause(self, task, **params):
        return self.client.call("pause", task=task, **params)

    def resume(self, task, **params):
        return self.client.call("resume", task=task, **params)

    def sleep(self, seconds):
        self.client.call("sleep", seconds=seconds)


class TestReplies(PauseTest):
    def test_the_subtree_in_preorder(self):
        top = self.sleeper()
        below = self.sleeper(parent=top)
        deep = self.sleeper(parent=below)
        beside = self.sleeper(parent=top)
        tasks = [top, below, deep, beside]
        self.assertEqual(self.pause(top), {"paused": tasks, "count": 4})
        self.assertEqual(self.pause(top), {"paused": [], "count": 0})
        self.assertEqual([self.state(task) for task in tasks],
                         ["paused"] * 4)
        self.assertEqual(self.resume(below),
                         {"resumed": [below, deep], "count": 2})
        self.assertEqual(self.resume(top),
                         {"resumed": [top, beside], "count": 2})
        self.assertEqual(self.resume(top), {"resumed": [], "count": 0})

    def test_only(self):
        top = self.sleeper()
        below = self.sleeper(parent=top)
        self.assertEqual(self.pause(top, only=True)["paused"], [top])
        self.await_state(below, "sleeping")
        self.assertEqual(self.pause(top)["paused"], [below])
        self.assertEqual(self.resume(top, only=True)["resumed"], [top])
        self.assertEqual(self.state(below), "paused")

    def test_a_finished_task_is_none(self):
        task = self.client.spawn("echo")
        self.client.call("join", task=task)
        self.assertEqual(self.pause(task), {"paused": [], "count": 0})
        self.assertEqual(self.resume(task), {"resumed": [], "count": 0})

    def test_by_name(self):
        task = self.sleeper(name="held")
        self.assertEqual(self.pause("held")["paused"], [task])
        self.sleeper(name="held")
        self.assert_error("AmbiguousName", self.resume, "held")
        self.assert_error("NoSuchTask", self.resume, "none")

    def test_clients_and_the_daemon_are_never_paused(self):
        own = self.client.call("current")["id"]
        for task in (1, own):
            for method in ("pause", "resume"):
                self.assert_error("InvalidParams", self.client.call, method,
                                  task=task)


class TestHeld(PauseTest):
    def test_what_it_waits_for(self):
        task = self.sleeper()
        begin = time.time()
        self.pause(task)
        wait = self.show(task)["wait"]
        self.assertEqual(wait["for"], "resume")
        self.assertAlmostEqual(wait["since"], begin, delta=30)

    def test_it_is_listed_and_counted(self):
        task = self.sleeper()
        before = self.client.call("stats")["tasks"]["paused"]
        self.pause(task)
        stats = self.client.call("stats")["tasks"]
        self.assertEqual(stats["paused"], before + 1)
        self.assertIn(task, [row["id"] for row in self.client.rows(
            "list", state="paused")])
        self.client.call("cancel", task=task)
        self.assertEqual(self.client.call("stats")["tasks"]["paused"], before)

    def test_its_sleep_stands_still(self):
        task = self.sleeper(1000)
        self.await_state(task, "sleeping")
        until = self.show(task)["wait"]["until"]
        self.pause(task)
        self.sleep(0.1)
        self.assertEqual(self.state(task), "paused")
        self.resume(task)
        self.await_state(task, "sleeping")
        held = self.show(task)["wait"]["until"] - until
        self.assertGreater(held, 0.09)
        self.assertLess(held, 60)

    def test_its_timeout_stands_still(self):
        top = self.sleeper()
        self.pause(top)
        task = self.sleeper(timeout=0.05, parent=top)
        self.sleep(0.1)
        self.assertEqual(self.state(task), "paused")
        self.resume(top)
        self.assert_join_error("timeout", self.client.call, "join", task=task)

    def test_a_join_goes_on_waiting_and_may_run_out_of_time(self):
        top = self.sleeper()
        self.pause(top)
        task = self.sleeper(0.01, parent=top)
        join = self.client.start("join", task=task)
        self.assert_error("TimeoutError", self.client.call, "join", task=task,
                          timeout=0.05)
        self.resume(top)
        self.assertIsNone(self.client.finish(join))

    def test_a_timer_less(self):
        # In one batch: its own sleep has not begun.
        task = self.sleeper()
        self.await_state(task, "sleeping")
        timers = self.client.call("stats")["timers"]
        self.pause(task)
        self.assertEqual(self.client.call("stats")["timers"], timers - 1)
        self.resume(task)
        self.assertEqual(self.client.call("stats")["timers"], timers)

    def test_before_its_first_run(self):
        task = self.client.spawn("echo") + 1
        self.client.send(line([
            request("spawn", {"function": "echo", "args": [7]}, id=1),
            request("pause", {"task": task}, id=2)]))
        self.assertEqual(self.client.read()[1]["result"]["paused"], [task])
        self.sleep(0.02)
        self.assertEqual(self.state(task), "paused")
        self.assertNotIn("started", self.show(task))
        self.resume(task)
        self.assertEqual(self.client.call("join", task=task), [7])


class TestChildren(PauseTest):
    def test_new_ones_of_a_paused_subtree_start_paused(self):
        top = self.sleeper()
        self.pause(top)
        new = [self.client.spawn("echo", parent=top),
               self.client.call("interval", function="echo", seconds=0,
                                parent=top)["id"]]
        new.append(self.client.spawn("echo", parent=new[0]))
        self.sleep(0.02)
        self.assertEqual([self.state(task) for task in new], ["paused"] * 3)
        self.resume(top)
        self.assertEqual(self.client.call("join", task=new[2]), [])
        eventually(lambda: self.show(new[1])["runs"] > 0)

    def test_new_ones_of_a_task_paused_alone_run(self):
        top = self.sleeper()
        self.pause(top, only=True)
        task = self.client.spawn("echo", parent=top)
        self.assertEqual(self.client.call("join", task=task), [])

    def test_they_stay_paused_when_their_parent_is_cancelled_alone(self):
        top = self.sleeper()
        below = self.sleeper(parent=top)
        self.pause(top)
        self.client.call("cancel", task=top, only=True)
        self.assertEqual(self.state(below), "paused")

    def test_they_stay_paused_when_their_client_goes(self):
        other = self.connect()
        task = other.spawn("sleep", 1e9)
        other.call("pause", task=task)
        other.close()
        eventually(lambda: self.show(task)["parent"] == 1)
        self.assertEqual(self.state(task), "paused")
        self.client.call("cancel", task=task)


class TestEnds(PauseTest):
    def test_cancel_reaches_what_is_paused(self):
        top = self.sleeper()
        below = self.sleeper(parent=top)
        self.pause(top)
        join = self.client.start("join", task=below)
        self.assertEqual(self.client.call("cancel", task=top)["cancelled"],
                         [top, below])
        self.assert_join_error("cancelled", self.client.finish, join)
        self.assertEqual(self.resume(top)["count"], 0)

    def test_a_scope_that_waits_is_held_after_its_children_ended(self):
        closing = self.sleeper() + 1
        self.client.send(line([
            request("spawn", {"function": "echo", "scope": "wait"}, id=1),
            request("spawn", {"function": "sleep", "args": [1e9],
                              "parent": closing}, id=2)]))
        child = self.client.read()[1]["result"]["id"]
        self.await_state(closing, "waiting")
        self.assertEqual(self.pause(closing, only=True)["paused"], [closing])
        self.client.call("cancel", task=child)
        self.sleep(0.02)
        self.assertEqual(self.state(closing), "paused")
        self.resume(closing)
        self.assertEqual(self.client.call("join", task=closing), [])

    def test_shutdown_is_not_held_up(self):
        # The daemon of this class ends with one that is paused.
        other = self.connect()
        task = other.spawn("sleep", 1e9, parent=1)
        other.call("pause", task=task)


class TestRecurrence(PauseTest):
    def recur(self, method, **params):
        return self.client.call(method, function="echo", **params)["id"]

    def test_it_resumes_without_a_burst(self):
        task = self.recur("rate", hertz=1000)
        eventually(lambda: self.show(task)["runs"] > 3)
        self.pause(task)
        row = self.show(task)
        self.sleep(0.2)
        self.assertEqual(self.show(task)["runs"], row["runs"])
        held = time.time() - row["wait"]["since"]
        self.resume(task)
        after = self.show(task)
        ticks = (time.time() - after["created"] - held) * 1000 + 1
        # Of the 200 ticks while it was held none ran or was missed.
        self.assertLessEqual(after["runs"] + after["missed"], ticks + 20)

    def test_a_loop_is_held(self):
        task = self.recur("loop")
        eventually(lambda: self.show(task)["runs"] > 3)
        self.pause(task)
        runs = self.show(task)["runs"]
        self.sleep(0.02)
        self.assertEqual(self.show(task)["runs"], runs)
        self.resume(task)
        eventually(lambda: self.show(task)["runs"] > runs)


if __name__ == "__main__":
    unittest.main()
