#!/usr/bin/env python3
"""Recurrence over the socket: the methods, what they show, what ends it."""

import json
import re
import time
import unittest

from daemon import DaemonTest, eventually

METHODS = {"later": {"seconds": 0}, "interval": {"seconds": 0}, "loop": {},
           "rate": {"hertz": 1000}}


class RecurTest(DaemonTest):
    def recur(self, method, function="echo", /, *args, **params):
        return self.client.call(
            method, function=function, args=list(args),
            **{**METHODS[method], **params})["id"]

    def show(self, task):
        return self.client.call("show", task=task)

    def join(self, task):
        return self.client.call("join", task=task)

    def cancel(self, task):
        self.client.call("cancel", task=task)


class TestShown(RecurTest):
    def test_as_it_was_asked_for(self):
        for method, params, want in (
                ("later", {"seconds": 1e9}, {"seconds": 1e9}),
                ("interval", {"seconds": 0.25}, {"seconds": 0.25}),
                ("interval", {"seconds": 9, "immediate": True},
                 {"seconds": 9, "immediate": True}),
                ("interval", {"seconds": 9, "immediate": False},
                 {"seconds": 9}),
                ("loop", {"max_runs": 10**12}, {"max_runs": 10**12}),
                ("rate", {"hertz": 0.1, "max_runs": 2**63 - 1,
                          "max_failures": 3},
                 {"hertz": 0.1, "max_runs": 2**63 - 1, "max_failures": 3})):
            with self.subTest(method, params=params):
                task = self.recur(method, **params)
                self.assertEqual(self.show(task)["recurrence"],
                                 {"kind": method, **want})
                self.cancel(task)

    def test_counted(self):
        task = self.recur("interval", "fail", "no", seconds=0.001)
        row = eventually(lambda: (row := self.show(task))["runs"] > 3 and row)
        self.assertEqual(row["failures"], row["runs"])
        self.assertEqual(row["last_error"]["message"], "no")
        self.assertNotIn("missed", row)
        self.cancel(task)
        row = self.show(task)
        self.assertEqual(row["state"], "cancelled")
        self.assertGreater(row["runs"], 3)

    def test_only_of_tasks_that_recur(self):
        row = self.show(self.client.spawn("echo"))
        for key in ("recurrence", "runs", "failures", "missed"):
            self.assertNotIn(key, row)

    def test_in_rows_too(self):
        task = self.recur("rate", hertz=1)
        row = next(self.client.rows("tree", task=task))
        self.assertEqual(row["recurrence"], {"kind": "rate", "hertz": 1})
        self.assertEqual(row["missed"], 0)

    def test_between_runs_it_sleeps(self):
        task = self.recur("interval", seconds=100)
        row = self.show(task)
        self.assertEqual((row["state"], row["wait"]["for"]),
                         ("sleeping", "deadline"))
        self.assertAlmostEqual(row["wait"]["until"], time.time() + 100,
                               delta=30)
        self.assertNotIn("started", row)

    def test_a_failing_run_is_logged(self):
        task = self.recur("later", "fail", "a\nb", name="lo\\g")
        self.assert_join_error("failed", self.join, task)
        text = re.search(r".*lo\\\\g.*", self.daemon.log()).group()
        self.assertIn(f"task {task} ", text)
        self.assertIn(json.dumps("a\nb")[1:-1], text)


class TestEnds(RecurTest):
    def test_max_runs_with_the_last_result(self):
        for method in ("interval", "loop", "rate"):
            task = self.recur(method, "sum", 1, 2, max_runs=3)
            self.assertEqual(self.join(task), 3)
            self.assertEqual(self.show(task)["runs"], 3)

    def test_max_failures_with_the_last_error(self):
        for method in ("interval", "rate"):
            task = self.recur(method, "fail", "no", max_failures=3)
            cause = self.assert_join_error("failed", self.join, task)
            self.assertEqual(cause["message"], "no")
            self.assertEqual(self.show(task)["failures"], 3)

    def test_runs_that_all_failed_end_done_with_null(self):
        self.assertIsNone(self.join(self.recur("rate", "fail", "no",
                                               max_runs=2)))

    def test_the_timeout_is_of_the_whole(self):
        begin = time.monotonic()
        task = self.recur("interval", seconds=0.01, timeout=0.1)
        self.assert_join_error("timeout", self.join, task)
        self.assertGreaterEqual(time.monotonic() - begin, 0.1)
        row = self.show(task)
        self.assertLessEqual(row["runs"], 10)
        self.assertEqual(row["timeout"], 0.1)

    def test_a_timeout_before_the_first_run(self):
        task = self.recur("later", seconds=100, timeout=0.01)
        self.assert_join_error("timeout", self.join, task)
        self.assertEqual(self.show(task)["runs"], 0)

    def test_cancel(self):
        for method in METHODS:
            task = self.recur(method, "sleep", 1e9)
            self.cancel(task)
            self.assert_join_error("cancelled", self.join, task)

    def test_many_joiners_get_the_last_result(self):
        task = self.recur("interval", "sum", 5, seconds=0.01, max_runs=3)
        joins = [self.client.start("join", task=task) for _ in range(10)]
        self.assertEqual([self.client.finish(join) for join in joins],
                         [5] * 10)


class TestRates(RecurTest):
    def test_each_run_is_at_a_tick_or_missed(self):
        task = self.recur("rate", "sleep", 0.025, hertz=100)
        row = eventually(lambda: (row := self.show(task))["runs"] > 9 and row)
        # Each run takes 2.5 ticks: it has missed two at least.
        self.assertGreaterEqual(row["missed"], 2 * (row["runs"] - 1))
        self.cancel(task)

    def test_the_slowest_and_the_fastest(self):
        for hertz in (1e-9, 1e6):
            task = self.recur("rate", hertz=hertz)
            eventually(lambda: self.show(task)["runs"] > 0)
            self.assertEqual(self.client.call("ping"), "pong")
            self.client.call("pause", task=task)
            self.client.call("resume", task=task)
            self.assertEqual(self.client.call("ping"), "pong")
            self.cancel(task)


class TestAsSpawn(RecurTest):
    def test_it_takes_what_spawn_takes(self):
        top = self.client.spawn("sleep", 1e9)
        for method in METHODS:
            task = self.recur(method, "sleep", 1e9, name="mine", parent=top,
                              scope="wait", timeout=50, unique=True)
            row = self.show(task)
            self.assertEqual(
                (row["name"], row["parent"], row["scope"], row["timeout"]),
                ("mine", top, "wait", 50))
            self.assert_error("AlreadyExists", self.recur, method,
                              name="mine", unique=True)
            self.assert_error("NoSuchFunction", self.recur, method, "none")
            self.cancel(task)

    def test_what_a_method_does_not_take_is_named(self):
        for method, param in (
                ("spawn", "seconds"), ("spawn", "max_runs"),
                ("later", "max_runs"), ("later", "max_failures"),
                ("later", "immediate"), ("later", "hertz"),
                ("interval", "hertz"), ("loop", "seconds"),
                ("loop", "immediate"), ("rate", "seconds"),
                ("rate", "immediate")):
            error = self.assert_error(
                "InvalidParams", self.client.call, method, function="echo",
                **METHODS.get(method, {}), **{param: 1})
            self.assertIn(param, str(error))

    def test_what_a_param_may_not_be(self):
        for method, param, values in (
                ("interval", "seconds", (-1, 1.1e9, "1", None, True)),
                ("later", "seconds", (-1, 1.1e9, "1", None, True)),
                ("rate", "hertz", (0, -1, 1e-300, 1000001, "1", None, True)),
                ("loop", "max_runs", (0, -1, 1.5, "1", None)),
                ("loop", "max_failures", (0, -1, 1.5, "1", None)),
                ("interval", "immediate", (0, "true", None))):
            for value in values:
                with self.subTest(method, **{param: value}):
                    error = self.assert_error("InvalidParams", self.recur,
                                              method, **{param: value})
                    self.assertIn(f"{param}: ", str(error))

    def test_what_a_method_needs(self):
        for method, param in (("later", "seconds"), ("interval", "seconds"),
                              ("rate", "hertz"), ("loop", "function")):
            params = {"function": "echo", **METHODS[method]}
            del params[param]
            error = self.assert_error("InvalidParams", self.client.call,
                                      method, **params)
            self.assertIn(f"{param}: missing", str(error))


class TestRerun(RecurTest):
    def rerun(self, task):
        return self.client.call("rerun", task=task)["id"]

    def test_of_a_recurrence_begins_anew(self):
        task = self.recur("interval", "sum", 4, seconds=0.001, max_runs=3,
                          name="again", immediate=True)
        self.join(task)
        again = self.rerun(task)
        self.assertNotEqual(again, task)
        self.assertEqual(self.join(again), 4)
        before, after = self.show(task), self.show(again)
        for key in ("name", "function", "args", "recurrence", "runs", "scope",
                    "owner"):
            self.assertEqual(before[key], after[key])

    def test_of_a_live_task_is_its_sibling(self):
        top = self.client.spawn("sleep", 1e9)
        task = self.client.spawn("sleep", 1e9, parent=top, timeout=77)
        again = self.show(self.rerun(task))
        self.assertEqual((again["parent"], again["timeout"]), (top, 77))

    def test_of_what_cannot_be_spawned(self):
        own = self.client.call("current")["id"]
        for task in (1, own):
            self.assert_error("NoSuchFunction", self.rerun, task)


if __name__ == "__main__":
    unittest.main()
