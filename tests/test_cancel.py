#!/usr/bin/env python3
"""cancel: of a subtree, of one task only, of clients, of what has ended."""

import unittest

from daemon import DaemonTest, eventually, line, request, scaled

ROOT = 1


class CancelTest(DaemonTest):
    def spawn_forever(self, **params):
        return self.client.spawn("sleep", 1e9, **params)

    def spawn_family(self):
        """A task, two children, and a child of the first of these."""
        top = self.spawn_forever()
        first = self.spawn_forever(parent=top)
        below = self.spawn_forever(parent=first)
        return top, first, below, self.spawn_forever(parent=top)

    def cancel(self, **params):
        result = self.client.call("cancel", **params)
        self.assertEqual(result["count"], len(result["cancelled"]))
        return result["cancelled"]

    def state(self, task):
        return self.client.call("show", task=task)["state"]


class TestWhatIsCancelled(CancelTest):
    def test_the_subtree_in_preorder(self):
        family = self.spawn_family()
        self.assertEqual(self.cancel(task=family[0]), list(family))
        for task in family:
            self.assertEqual(self.state(task), "cancelled")

    def test_not_what_stands_beside(self):
        top, first, below, second = self.spawn_family()
        self.assertEqual(self.cancel(task=first), [first, below])
        self.assertEqual(self.state(top), "sleeping")
        self.assertEqual(self.state(second), "sleeping")

    def test_only_that_task(self):
        top, first, below, second = self.spawn_family()
        self.assertEqual(self.cancel(task=top, only=True), [top])
        own = self.client.call("current")["id"]
        for task in (first, second):
            self.assertEqual(self.client.call("parent", task=task)["id"], own)
        self.assertEqual(self.client.call("parent", task=below)["id"], first)

    def test_several_at_once(self):
        tasks = [self.spawn_forever() for _ in range(3)]
        self.assertEqual(self.cancel(tasks=tasks[::2]), tasks[::2])
        self.assertEqual(self.state(tasks[1]), "sleeping")

    def test_each_once_however_often_it_is_meant(self):
        top, first, below, second = self.spawn_family()
        self.assertEqual(self.cancel(tasks=[below, first, top, below]),
                         [below, first, top, second])

    def test_none_of_none(self):
        self.assertEqual(self.cancel(tasks=[]), [])

    def test_a_task_that_has_not_yet_run(self):
        self.client.send_json([
            request("spawn", {"function": "sum", "name": "not yet"}, id=1),
            request("cancel", {"task": "not yet"}, id=2)])
        spawned, cancelled = (one["result"] for one in self.client.read())
        self.assertEqual(cancelled["cancelled"], [spawned["id"]])
        self.assertNotIn("started",
                         self.client.call("show", task=spawned["id"]))

    def test_one_that_has_ended_stays_as_it_is(self):
        task = self.client.spawn("sum", 1, 2)
        self.client.call("join", task=task)
        self.assertEqual(self.cancel(task=task), [])
        self.assertEqual(self.client.call("join", task=task), 3)

    def test_one_that_has_ended_leaves_those_it_had_alone(self):
        top, first, *_ = self.spawn_family()
        self.cancel(task=top, only=True)
        self.assertEqual(self.cancel(task=top), [])
        self.assertEqual(self.state(first), "sleeping")

    def test_the_root_cannot_be(self):
        task = self.spawn_forever()
        for params in ({"task": ROOT}, {"task": "taskletd"},
                       {"tasks": [task, ROOT]}):
            error = self.assert_error("InvalidParams", self.client.call,
                                      "cancel", **params)
            self.assertIn("shutdown", str(error))
        self.assertEqual(self.state(task), "sleeping")

    def test_no_timer_is_left(self):
        before = self.client.call("stats")["timers"]
        tasks = [self.spawn_forever(timeout=1e9) for _ in range(100)]
        self.await_state(tasks[-1], "sleeping")
        self.assertEqual(self.client.call("stats")["timers"], before + 200)
        self.cancel(tasks=tasks)
        self.assertLessEqual(self.client.call("stats")["timers"], before + 1)

    def test_the_ids_of_more_than_65536_are_counted(self):
        top, count = self.spawn_forever(), scaled(70000)
        self.client.send(line(request(
            "spawn", {"function": "sleep", "args": [1e9],
                      "parent": top})) * count)
        self.assertEqual(
            self.client.call("show", task=top)["children"], count)
        result = self.client.call("cancel", task=top)
        self.assertEqual(result["count"], count + 1)
        self.assertEqual(len(result["cancelled"]), min(count + 1, 65536))


class TestReason(CancelTest):
    def cause(self, **params):
        task = self.spawn_forever()
        self.cancel(task=task, **params)
        cause = self.assert_join_error("cancelled", self.client.call, "join",
                                       task=task)
        self.assertEqual(cause, self.client.call("show", task=task)["error"])
        self.assertEqual(cause["code"], 8)
        self.assertEqual(cause["data"]["type"], "Cancelled")
        return cause

    def test_is_told_to_those_who_join(self):
        cause = self.cause(reason="no longer \"wanted\" é")
        self.assertEqual(cause["message"], "no longer \"wanted\" é")
        self.assertEqual(cause["data"]["reason"], "no longer \"wanted\" é")

    def test_may_be_empty(self):
        self.assertEqual(self.cause(reason="")["data"]["reason"], "")

    def test_may_be_absent(self):
        self.assertNotIn("reason", self.cause()["data"])

    def test_is_told_of_all_below(self):
        *_, last = family = self.spawn_family()
        self.cancel(task=family[0], reason="enough")
        cause = self.assert_join_error("cancelled", self.client.call, "join",
                                       task=last)
        self.assertEqual(cause["data"]["reason"], "enough")


class TestClients(CancelTest):
    def test_one_that_is_cancelled_is_disconnected(self):
        other = self.connect()
        own = other.call("current")["id"]
        task = other.spawn("sleep", 1e9)
        self.assertEqual(self.cancel(task=own), [own, task])
        self.assertIsNone(other.read_line())
        self.assert_error("NoSuchTask", self.client.call, "show", task=own)

    def test_what_it_waited_for_is_answered(self):
        other = self.connect()
        own = other.call("current")["id"]
        requests = [other.start("sleep", seconds=1e9),
                    other.start("join", task=self.bystander_task),
                    other.start("join", tasks=[self.bystander_task],
                                mode="any")]
        other.call("ping")
        self.cancel(task=own, reason="go away")
        for request_id in requests:
            error = self.assert_error("Cancelled", other.finish, request_id)
            self.assertEqual(error.code, 8)
        self.assertIsNone(other.read_line())

    def test_one_that_cancels_itself_hears_of_it(self):
        other = self.connect()
        own = other.call("current")["id"]
        self.assertEqual(other.call("cancel", task=own)["cancelled"], [own])
        self.assertIsNone(other.read_line())

    def test_one_that_cancels_itself_in_a_batch_hears_of_it(self):
        other = self.connect()
        own = other.call("current")["id"]
        other.send_json([
            request("sleep", {"seconds": 1e9}, id=1),
            request("cancel", {"tasks": [own, self.spawn_forever()],
                               "only": True, "reason": "x" * 1000}, id=2),
            request("spawn", {"function": "echo", "name": "never"}, id=3)])
        replies = {reply["id"]: reply for reply in other.read()}
        self.assertEqual(set(replies), {1, 2})
        self.assertEqual(replies[1]["error"]["code"], 8)
        self.assertEqual(replies[2]["result"]["count"], 2)
        self.assertIsNone(other.read_line())
        self.assert_error("NoSuchTask", self.client.call, "show",
                          task="never")

    def test_only_a_client_leaves_its_tasks(self):
        other = self.connect()
        own, task = other.call("current")["id"], other.spawn("sleep", 1e9)
        self.cancel(task=own, only=True)
        self.assertEqual(self.client.call("parent", task=task)["id"], ROOT)

    def test_one_that_is_cancelled_and_does_not_go_is_dropped(self):
        other = self.connect()
        own = other.call("current")["id"]
        before = self.client.call("stats")["clients"]
        self.cancel(task=own)
        self.assertIsNone(other.read_line())
        eventually(lambda: self.client.call("stats")["clients"] == before - 1)


class TestTimeout(CancelTest):
    def test_ends_the_task_whatever_it_does(self):
        for timeout in (0, 0.01):
            task = self.spawn_forever(timeout=timeout)
            self.assert_join_error("timeout", self.client.call, "join",
                                   task=task)
            shown = self.client.call("show", task=task)
            self.assertEqual((shown["state"], shown["timeout"]),
                             ("timeout", timeout))

    def test_of_one_that_ends_before_does_nothing(self):
        self.client.call("join", task=self.client.spawn("sum"))
        before = self.client.call("stats")["timers"]
        task = self.client.spawn("sum", 1, timeout=1000)
        self.assertEqual(self.client.call("join", task=task), 1)
        self.assertEqual(self.client.call("stats")["timers"], before)

    def test_leaves_the_children_to_the_parent(self):
        task = self.spawn_forever(timeout=0.05)
        child = self.spawn_forever(parent=task)
        self.assert_join_error("timeout", self.client.call, "join", task=task)
        self.assertEqual(self.client.call("parent", task=child)["id"],
                         self.client.call("current")["id"])


if __name__ == "__main__":
    unittest.main()
