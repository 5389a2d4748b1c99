#!/usr/bin/env python3
"""The semantics of tasks, a row at a time: those of Concurrence's tasklets
and where ours differ, as its own tests pin them down."""

import time
import unittest

from daemon import DaemonTest, eventually, request

ROOT = 1
STEP = 0.05  # a short sleep, in seconds


class SemanticsTest(DaemonTest):
    def show(self, task):
        return self.client.call("show", task=task)

    def join(self, task, **params):
        return self.client.call("join", task=task, **params)

    def result(self, function, *args, **params):
        return self.join(self.client.spawn(function, *args, **params))

    def recur(self, method, function, *args, **params):
        return self.client.call(method, function=function, args=list(args),
                                **params)["id"]

    def end(self, task):
        self.client.call("cancel", task=task)

    def batch(self, *requests):
        """The results of requests that are carried out in one go."""
        self.client.send_json([
            request(method, params, id=i)
            for i, (method, params) in enumerate(requests)])
        replies = sorted(self.client.read(), key=lambda reply: reply["id"])
        return [reply["result"] for reply in replies]

    def elapsed(self, task, row=None):
        row = row or self.show(task)
        return row["finished"] - row["created"]


class TestDispatch(SemanticsTest):
    def test_the_daemon_is_the_dispatcher(self):
        self.assertEqual(self.show(ROOT)["function"], "taskletd")
        self.assertIsNone(self.client.call("parent", task=ROOT))


class TestNew(SemanticsTest):
    def test_spawn_runs_nothing_yet(self):
        task = self.client.spawn("echo") + 1
        spawned, shown = self.batch(("spawn", {"function": "echo"}),
                                    ("show", {"task": task}))
        self.assertEqual(spawned["id"], task)
        self.assertEqual(shown["state"], "ready")
        self.assertNotIn("started", shown)
        self.assertEqual(self.join(task), [])

    def test_the_name_defaults_to_the_functions(self):
        self.assertEqual(self.show(self.client.spawn("sum"))["name"], "sum")
        named = self.client.spawn("sum", name="adder")
        self.assertEqual(self.show(named)["name"], "adder")


class TestSleepAndYield(SemanticsTest):
    def test_sleep_blocks_only_the_caller(self):
        long = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.result("sum", 1, 2), 3)
        self.assertEqual(self.show(long)["state"], "sleeping")

    def test_a_sleep_of_nothing_yields(self):
        self.assertIsNone(self.result("sleep", 0))

    def test_tasks_that_yield_alternate_strictly(self):
        ours, theirs = (result["id"] for result in self.batch(
            *[("loop", {"function": "echo"})] * 2))
        eventually(lambda: self.show(theirs)["runs"] > 10)
        for _ in range(200):
            one, two = self.batch(("show", {"task": ours}),
                                  ("show", {"task": theirs}))
            self.assertIn(one["runs"] - two["runs"], (0, 1))
        self.end(ours)
        self.end(theirs)

    def test_five_times_each(self):
        tasks = [result["id"] for result in self.batch(
            *[("loop", {"function": "echo", "max_runs": 5})] * 2)]
        self.client.call("join", tasks=tasks)
        rows = [self.show(task) for task in tasks]
        self.assertEqual([row["runs"] for row in rows], [5, 5])
        self.assertLessEqual(rows[0]["finished"], rows[1]["finished"])


class TestJoin(SemanticsTest):
    def test_two_joins_return_their_own_results(self):
        one = self.client.spawn("sum", 1, 2)
        two = self.client.spawn("echo", "x")
        self.assertEqual(self.join(two), ["x"])
        self.assertEqual(self.join(one), 3)

    def test_any_number_may_join(self):
        task = self.client.spawn("sleep", STEP)
        joins = [self.client.start("join", task=task) for _ in range(20)]
        for join in joins:
            self.assertIsNone(self.client.finish(join))

    def test_a_join_after_the_end(self):
        task = self.client.spawn("sum", 4)
        eventually(lambda: self.show(task)["state"] == "done")
        self.assertEqual(self.join(task), 4)
        self.assertEqual(self.join(task, timeout=0), 4)

    def test_of_a_task_that_raised(self):
        task = self.client.spawn("fail", "why")
        error = self.assert_error("JoinError", self.join, task)
        self.assertEqual((error.data["task"], error.data["state"]),
                         (task, "failed"))
        self.assertEqual(error.data["cause"]["message"], "why")
        self.assertEqual(error.data["cause"]["data"]["type"],
                         "FunctionError")

    def test_of_a_task_killed_later(self):
        task = self.client.spawn("sleep", 1e9)
        join = self.client.start("join", task=task)
        self.client.call("sleep", seconds=STEP)
        self.client.call("cancel", task=task, reason="enough")
        error = self.assert_error("JoinError", self.client.finish, join)
        self.assertEqual((error.data["task"], error.data["state"]),
                         (task, "cancelled"))
        self.assertIn("enough", str(error.data["cause"]))

    def test_that_runs_out_of_time(self):
        task = self.client.spawn("sleep", 1e9)
        begin = time.monotonic()
        error = self.assert_error("TimeoutError", self.join, task,
                                  timeout=STEP)
        self.assertGreaterEqual(time.monotonic() - begin, STEP)
        self.assertEqual(error.data["pending"], [task])
        self.assertEqual(self.show(task)["state"], "sleeping")

    def test_all_has_a_join_error_in_place_of_what_failed(self):
        tasks = [self.client.spawn(*call) for call in (
            ("fail", "a"), ("sum", 1), ("sum", 2), ("fail", "d"))]
        results = self.client.call("join", tasks=tasks)
        self.assertEqual([one["task"] for one in results], tasks)
        self.assertEqual([one["state"] for one in results],
                         ["failed", "done", "done", "failed"])
        self.assertEqual([one.get("result") for one in results],
                         [None, 1, 2, None])
        for one in (results[0], results[3]):
            self.assertEqual(one["error"]["data"]["type"], "FunctionError")

    def test_all_that_runs_out_of_time(self):
        tasks = [self.client.spawn("sum"), self.client.spawn("sleep", 1e9)]
        error = self.assert_error("TimeoutError", self.client.call, "join",
                                  tasks=tasks, timeout=STEP)
        self.assertEqual(error.data["pending"], tasks[1:])

    def test_children_honours_its_timeout(self):
        child = self.client.spawn("sleep", 1e9)
        children = [row["id"] for row in self.client.call("children")]
        join = self.client.start("join", tasks=children, timeout=1e9)
        self.end(child)
        self.assertEqual([one["task"] for one in self.client.finish(join)],
                         [child])
        self.client.spawn("sleep", 1e9)
        children = [row["id"] for row in self.client.call("children")]
        self.assert_error("TimeoutError", self.client.call, "join",
                          tasks=children, timeout=0)


class TestRecurrence(SemanticsTest):
    def test_later_sleeps_then_returns_the_result(self):
        task = self.recur("later", "sum", 1, 2, seconds=STEP)
        self.assertEqual(self.join(task), 3)
        self.assertGreaterEqual(self.elapsed(task), STEP - 1e-3)

    def test_later_raises_what_it_raised(self):
        task = self.recur("later", "fail", "late", seconds=STEP)
        cause = self.assert_join_error("failed", self.join, task)
        self.assertEqual(cause["message"], "late")

    def count(self, task, **params):
        """Runs of a recurrence, beside the periods since it was spawned."""
        row = self.show(task)
        return row["runs"], (time.time() - row["created"]) / STEP

    def test_an_interval_runs_after_each_delay(self):
        task = self.recur("interval", "echo", seconds=STEP)
        for _ in range(30):
            runs, periods = self.count(task)
            self.assertLessEqual(runs, periods + 0.1)
        eventually(lambda: self.show(task)["runs"] >= 3)
        self.end(task)

    def test_an_immediate_one_runs_once_more(self):
        task = self.recur("interval", "echo", seconds=1e9, immediate=True)
        eventually(lambda: self.show(task)["runs"] == 1)
        self.assertEqual(self.show(task)["state"], "sleeping")
        self.end(task)

    def test_twice_takes_two_delays_and_immediate_thrice_too(self):
        for immediate, runs in ((False, 2), (True, 3)):
            task = self.recur("interval", "sum", 7, seconds=STEP,
                              immediate=immediate, max_runs=runs)
            self.assertEqual(self.join(task), 7)
            self.assertGreaterEqual(self.elapsed(task), 2 * STEP - 1e-3)
            self.assertEqual(self.show(task)["runs"], runs)

    def test_an_interval_goes_on_after_an_exception(self):
        for immediate in (False, True):
            task = self.recur("interval", "fail", "no", seconds=STEP,
                              immediate=immediate)
            row = eventually(lambda: self.failed_thrice(task))
            self.assertEqual(row["failures"], row["runs"])
            self.assertEqual(row["last_error"]["message"], "no")
            self.end(task)

    def failed_thrice(self, task):
        row = self.show(task)
        return row if row["failures"] >= 3 else None

    def test_a_loop_goes_on_at_once(self):
        task = self.recur("loop", "echo")
        eventually(lambda: self.show(task)["runs"] > 1000)
        self.end(task)

    def test_a_loop_goes_on_after_an_exception_and_a_second(self):
        task = self.recur("loop", "fail", "no", max_failures=2)
        self.assert_join_error("failed", self.join, task)
        self.assertGreaterEqual(self.elapsed(task), 1 - 1e-3)

    def test_a_rate_is_exact(self):
        task = self.recur("rate", "echo", hertz=100)
        eventually(lambda: self.show(task)["runs"] >= 20)
        row = self.show(task)
        ticks = (time.time() - row["created"]) * 100 + 1
        self.assertLessEqual(row["runs"] + row["missed"], ticks + 0.2)
        self.end(task)


class TestTree(SemanticsTest):
    def test_current_parent_children(self):
        own = self.client.call("current")
        self.assertEqual(own["function"], "client")
        self.assertEqual(self.client.call("parent")["id"], ROOT)
        task = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.client.call("parent", task=task)["id"],
                         own["id"])
        self.assertEqual([row["id"] for row in self.client.call("children")],
                         [task])

    def test_children_are_live_ones(self):
        self.join(self.client.spawn("echo"))
        self.assertEqual(self.client.call("children"), [])

    def test_the_children_of_a_finished_parent_are_adopted(self):
        top = self.client.spawn("sleep", 1e9)
        middle = self.client.spawn("sleep", 1e9, parent=top)
        below = self.client.spawn("sleep", 1e9, parent=middle)
        self.client.call("cancel", task=middle, only=True)
        self.assertEqual(self.client.call("parent", task=below)["id"], top)

    def test_three_deep_the_names_and_levels(self):
        parents, want = [None], [[], [], []]
        for level in range(3):
            below = []
            for parent in parents:
                for i in range(2):
                    name = f"{level}-{len(below)}"
                    below.append(self.client.spawn(
                        "sleep", 1e9, name=name,
                        **({} if parent is None else {"parent": parent})))
                    want[level].append(name)
            parents = below
        own = self.client.call("current")["id"]
        rows = list(self.client.rows("tree", task=own))
        self.assertEqual(rows[0]["id"], own)
        for level in range(3):
            self.assertEqual(
                sorted(row["name"] for row in rows
                       if row["level"] == level + 1), sorted(want[level]))
        self.assertEqual([row["level"] for row in rows],
                         [0, *[1, 2, 3, 3, 2, 3, 3] * 2])


class TestCancel(SemanticsTest):
    def test_reaches_the_subtree(self):
        top = self.client.spawn("sleep", 1e9)
        below = self.client.spawn("sleep", 1e9, parent=top)
        self.assertEqual(self.client.call("cancel", task=top)["cancelled"],
                         [top, below])
        self.assertEqual(self.show(below)["state"], "cancelled")

    def test_or_only_the_task(self):
        top = self.client.spawn("sleep", 1e9)
        below = self.client.spawn("sleep", 1e9, parent=top)
        self.client.call("cancel", task=top, only=True)
        self.assertEqual(self.show(below)["state"], "sleeping")

    def test_has_a_reason(self):
        task = self.client.spawn("sleep", 1e9)
        self.client.call("cancel", task=task, reason="because")
        self.assertIn("because", str(self.show(task)["error"]))

    def test_what_is_cancelled_stays_so(self):
        task = self.client.spawn("sleep", 0)
        if self.client.call("cancel", task=task)["count"] == 1:
            self.client.call("sleep", seconds=STEP)
            self.assertEqual(self.show(task)["state"], "cancelled")


class TestManyReady(SemanticsTest):
    def test_tasks_that_are_always_ready_hold_nobody_up(self):
        self.batch(*[("loop", {"function": "echo"})] * 300)
        for _ in range(20):
            self.assertEqual(self.client.call("ping"), "pong")
        self.assertEqual(self.result("sum", 1), 1)
        self.end(self.client.call("current")["id"])


if __name__ == "__main__":
    unittest.main()
