#!/usr/bin/env python3
"""Gates over the socket: pools, what comes after what, and second chances."""

import os
import time
import unittest

from daemon import DaemonTest, eventually, line, request

PROCESSORS = len(os.sched_getaffinity(0))
FOREVER = 1e9


class GateTest(DaemonTest):
    def tearDown(self):
        super().tearDown()
        self.cancel_all()
        for pool in self.client.call("pool"):
            self.pool(pool["name"], PROCESSORS)
        self.assertEqual(self.client.call("pool"), [])
        self.assertEqual(self.client.call("stats")["gates"],
                         {"pools": 0, "queued": 0, "after": 0})

    def pool(self, name, size=None):
        more = {} if size is None else {"size": size}
        return self.client.call("pool", name=name, **more)

    def show(self, task):
        return self.client.call("show", task=task)

    def state(self, task):
        return self.show(task)["state"]

    def cancel(self, task):
        self.client.call("cancel", task=task)

    def sleeper(self, **params):
        return self.client.spawn("sleep", FOREVER, **params)

    def sleepers(self, count, **params):
        return [self.sleeper(**params) for _ in range(count)]

    def runs(self, tasks):
        return [self.show(task)["runs"] for task in tasks]

    def assert_runs(self, task):
        """Now that it is its turn."""
        self.await_state(task, "sleeping")

    def states(self, tasks):
        return [self.state(task) for task in tasks]


class TestPools(GateTest):
    def test_as_many_run_as_it_has_slots(self):
        self.pool("p", 2)
        tasks = self.sleepers(4, pool="p")
        self.assert_runs(tasks[1])
        self.assertEqual(self.states(tasks),
                         ["sleeping"] * 2 + ["waiting"] * 2)
        self.assertEqual(self.pool("p"), {
            "name": "p", "size": 2, "used": 2, "holders": 2, "queue": 2,
            "running": tasks[:2], "queued": tasks[2:]})
        self.cancel(tasks[0])
        self.assert_runs(tasks[2])
        self.assertEqual(self.pool("p")["running"], tasks[1:3])

    def test_by_default_as_many_as_processors(self):
        tasks = self.sleepers(PROCESSORS + 1, pool="p")
        self.assert_runs(tasks[PROCESSORS - 1])
        self.assertEqual(self.states(tasks),
                         ["sleeping"] * PROCESSORS + ["waiting"])
        self.assertEqual(self.client.call("pool"), [
            {"name": "p", "size": PROCESSORS, "used": PROCESSORS,
             "holders": PROCESSORS, "queue": 1}])

    def test_what_it_waits_for_is_shown(self):
        self.pool("p", 0)
        first, second = self.sleepers(2, pool="p", weight=3)
        row = self.show(second)
        self.assertEqual((row["pool"], row["weight"]), ("p", 3))
        since = row["wait"].pop("since")
        self.assertAlmostEqual(since, time.time(), delta=30)
        self.assertEqual(row["wait"], {"for": "pool", "pool": "p",
                                       "place": 2})
        for method in ("tree", "list"):
            rows = {row["id"]: row for row in self.client.rows(method)}
            self.assertNotIn("place", rows[first]["wait"])
            self.assertEqual(rows[first]["wait"]["pool"], "p")
        self.assertNotIn("pool", self.show(self.sleeper()))

    def test_results_come_in_order_through_one_slot(self):
        self.pool("p", 1)
        tasks = [self.client.spawn("echo", i, pool="p") for i in range(100)]
        got = self.client.call("join", tasks=tasks)
        self.assertEqual([one["result"] for one in got],
                         [[i] for i in range(100)])
        started = [self.show(task)["started"] for task in tasks]
        self.assertEqual(started, sorted(started))

    def test_a_heavy_one_is_not_overtaken(self):
        self.pool("p", 3)
        light = self.sleepers(2, pool="p")
        heavy = self.sleeper(pool="p", weight=3)
        late = self.sleeper(pool="p")
        self.assertEqual(self.states([heavy, late]), ["waiting"] * 2)
        self.cancel(light[0])
        self.assertEqual(self.states([heavy, late]), ["waiting"] * 2)
        self.cancel(light[1])
        self.assert_runs(heavy)
        self.assertEqual(self.state(late), "waiting")

    def test_one_heavier_than_the_pool_runs_alone(self):
        self.pool("p", 2)
        light = self.sleeper(pool="p")
        heavy = self.sleeper(pool="p", weight=10**6)
        self.assertEqual(self.state(heavy), "waiting")
        self.cancel(light)
        self.assert_runs(heavy)
        self.assertEqual(self.pool("p")["used"], 10**6)

    def test_size_0_drains(self):
        self.pool("p", 2)
        tasks = self.sleepers(3, pool="p")
        self.pool("p", 0)
        self.cancel(tasks[0])
        self.assertEqual(self.states(tasks[1:]), ["sleeping", "waiting"])
        self.assertEqual(self.pool("p")["size"], 0)
        self.pool("p", 2)
        self.assert_runs(tasks[2])

    def test_one_without_tasks_is_there_while_its_size_is_its_own(self):
        want = {"name": "p", "size": PROCESSORS, "used": 0, "holders": 0,
                "queue": 0, "running": [], "queued": []}
        self.assertEqual(self.pool("p"), want)
        self.assertEqual(self.client.call("pool"), [])
        self.pool("p", PROCESSORS + 1)
        self.assertEqual(len(self.client.call("pool")), 1)
        self.pool("p", PROCESSORS)
        self.assertEqual(self.client.call("pool"), [])

    def test_many_ids_are_not_all_told(self):
        self.pool("p", 1100)
        tasks = self.sleepers(2200, pool="p")
        told = self.pool("p")
        self.assertEqual(told["running"], tasks[:1000])
        self.assertEqual(told["queued"], tasks[1100:2100])
        self.assertEqual((told["holders"], told["queue"]), (1100, 1100))

    def test_who_recurs_takes_turns(self):
        self.pool("p", 1)
        tasks = [self.client.call("loop", function="echo", pool="p")["id"]
                 for _ in range(3)]
        self.pool("p", 0)
        eventually(lambda: self.pool("p")["queue"] == 3)
        before = self.runs(tasks)
        self.pool("p", 1)
        eventually(lambda: min(self.runs(tasks)) > before[0] + 100)
        self.pool("p", 0)
        eventually(lambda: self.pool("p")["queue"] == 3)
        made = [now - then for now, then in zip(self.runs(tasks), before)]
        self.assertLessEqual(max(made) - min(made), 1)

    def test_between_runs_it_gives_its_slot_back(self):
        self.pool("p", 1)
        task = self.client.call("interval", function="echo", seconds=FOREVER,
                                immediate=True, pool="p")["id"]
        eventually(lambda: self.show(task)["runs"] == 1)
        self.assertEqual(self.pool("p")["used"], 0)

    def test_a_paused_one_keeps_its_place(self):
        self.pool("p", 1)
        first, held, last = self.sleepers(3, pool="p")
        self.client.call("pause", task=held)
        self.assertEqual(self.show(last)["wait"]["place"], 1)
        self.cancel(first)
        self.assert_runs(last)
        self.assertEqual(self.state(held), "paused")
        waiting = self.sleeper(pool="p")
        self.client.call("resume", task=held)
        self.assertEqual(self.show(held)["wait"]["place"], 1)
        self.assertEqual(self.show(waiting)["wait"]["place"], 2)

    def test_a_timeout_covers_the_wait(self):
        self.pool("p", 0)
        task = self.client.spawn("echo", pool="p", timeout=0.01)
        self.assert_join_error("timeout", self.client.call, "join", task=task)
        self.assertEqual(self.pool("p")["queue"], 0)

    def test_all_that_wait_are_cancelled_at_once(self):
        self.pool("p", 1)
        top = self.sleeper()
        tasks = self.sleepers(1000, pool="p", parent=top)
        got = self.client.call("cancel", task=top)
        self.assertEqual(got["count"], 1001)
        self.assertEqual(set(self.states(tasks[:10])), {"cancelled"})

    def test_there_are_not_too_many(self):
        for i in range(1000):
            self.pool(f"p{i}", 0)
        for method, params in (
                ("pool", {"name": "more", "size": 1}),
                ("spawn", {"function": "echo", "pool": "more"}),
                ("loop", {"function": "echo", "pool": "more"})):
            error = self.assert_error("LimitExceeded", self.client.call,
                                      method, **params)
            self.assertEqual(error.data["limit"], "pools")
        self.assertEqual(self.pool("more")["size"], PROCESSORS)
        self.sleeper(pool="p7")
        self.pool("p7", PROCESSORS + 1)
        self.pool("p8", PROCESSORS)
        self.sleeper(pool="more")


class TestAfter(GateTest):
    def test_it_begins_when_all_have_ended(self):
        first, second = self.sleepers(2)
        task = self.client.spawn("echo", 1, after=[first, second])
        row = self.show(task)
        self.assertEqual(row["state"], "waiting")
        self.assertAlmostEqual(row["wait"].pop("since"), row["created"],
                               delta=1)
        self.assertEqual(row["wait"], {"for": "after", "count": 2,
                                       "tasks": [first, second]})
        self.cancel(first)
        eventually(lambda: self.show(task)["wait"]["tasks"] == [second])
        self.cancel(second)
        self.assertEqual(self.client.call("join", task=task), [1])

    def test_by_name_and_of_the_finished(self):
        self.client.call("join", task=self.client.spawn("sum", 1, name="n"))
        task = self.client.spawn("echo", after="n", after_ok="n")
        self.assertEqual(self.client.call("join", task=task), [])

    def test_in_rows_ten_are_told(self):
        tasks = self.sleepers(30)
        task = self.client.spawn("echo", after=tasks[:15],
                                 after_ok=tasks[15:])
        for row in (self.show(task), *(
                row for row in self.client.rows("list", finished=False)
                if row["id"] == task)):
            self.assertEqual((row["wait"]["tasks"], row["wait"]["count"]),
                             (tasks[:10], 30))

    def test_what_did_not_end_done_cancels(self):
        slow = self.sleeper()
        for cause, state in ((self.client.spawn("fail", "no"), "failed"),
                             (self.sleeper(), "cancelled"),
                             (self.sleeper(timeout=0.05), "timeout")):
            task = self.client.spawn("echo", after_ok=[slow, cause])
            if state == "cancelled":
                self.cancel(cause)
            error = self.assert_join_error("cancelled", self.client.call,
                                           "join", task=task)
            self.assertEqual(error["data"], {
                "type": "Cancelled", "cause": {"task": cause,
                                               "state": state}})
            self.assertIn(f"task {cause}, ", error["message"])
            self.assertIn(state, error["message"])
            self.assertNotIn("started", self.show(task))
            # The one that has ended so cancels the next one too.
            again = self.client.spawn("echo", after_ok=cause)
            self.assert_join_error("cancelled", self.client.call, "join",
                                   task=again)
            self.assertEqual(
                self.show(again)["error"]["data"]["cause"]["task"], cause)

    def test_a_join_says_why(self):
        cause = self.client.spawn("fail", "no")
        task = self.client.spawn("echo", after_ok=cause)
        error = self.assert_error("JoinError", self.client.call, "join",
                                  task=task)
        self.assertIn(f"task {cause}, which it was to come after",
                      str(error))

    def test_a_chain_falls_but_for_what_only_comes_after(self):
        top = self.sleeper()
        tasks = [top]
        for _ in range(10):
            tasks.append(self.client.spawn("echo", after_ok=tasks[-1]))
        last = self.client.spawn("echo", 7, after=tasks[-1])
        self.cancel(top)
        self.assertEqual(self.client.call("join", task=last), [7])
        self.assertEqual(set(self.states(tasks)), {"cancelled"})

    def test_then_the_pool(self):
        self.pool("p", 1)
        holder, first = self.sleeper(pool="p"), self.sleeper()
        task = self.client.spawn("echo", pool="p", after=first)
        self.assertEqual(self.show(task)["wait"]["for"], "after")
        self.cancel(first)
        eventually(lambda: self.show(task)["wait"]["for"] == "pool")
        self.cancel(holder)
        self.assertEqual(self.client.call("join", task=task), [])

    def test_a_delay_begins_then(self):
        first = self.sleeper()
        task = self.client.call("later", function="echo", seconds=FOREVER,
                                after=first)["id"]
        self.assertEqual(self.show(task)["wait"]["for"], "after")
        self.cancel(first)
        self.assert_runs(task)
        row = self.show(task)
        self.assertEqual(row["wait"]["for"], "deadline")
        self.assertAlmostEqual(row["wait"]["until"], time.time() + FOREVER,
                               delta=30)

    def test_a_client_may_be_waited_for(self):
        other = self.connect()
        task = self.client.spawn("echo", 1,
                                 after=other.call("current")["id"])
        other.close()
        self.assertEqual(self.client.call("join", task=task), [1])

    def test_one_that_waits_is_cancelled_at_once(self):
        first = self.sleeper()
        task = self.client.spawn("echo", after=first)
        self.cancel(task)
        self.assertEqual(self.state(task), "cancelled")
        self.assertEqual(self.client.call("stats")["gates"]["after"], 0)

    def test_an_empty_array_is_no_condition(self):
        task = self.client.spawn("echo", 1, after=[], after_ok=[])
        self.assertEqual(self.client.call("join", task=task), [1])

    def test_one_that_is_not_there_is_named(self):
        before = self.client.call("stats")["spawned"]
        for param in ("after", "after_ok"):
            for nobody in (0, 2**63 - 1, "nobody", "client"):
                for value in (nobody, [1, nobody]):
                    error = self.assert_error(
                        "NoSuchTask", self.client.spawn, "echo",
                        pool="p", **{param: value})
                    self.assertEqual(error.data["task"], nobody)
        self.assertEqual(self.client.call("stats")["spawned"], before)

    def test_one_that_was_let_go_is_not_there(self):
        task = self.client.spawn("echo")
        self.client.call("join", task=task)
        self.client.call("forget", task=task)
        self.assert_error("NoSuchTask", self.client.spawn, "echo",
                          after=task)

    def test_a_name_of_several_is_ambiguous(self):
        self.sleepers(2, name="twin")
        self.assert_error("AmbiguousName", self.client.spawn, "echo",
                          after_ok="twin")

    def test_there_are_not_too_many(self):
        tasks = [self.sleeper()] * 100000
        waiting = [self.sleeper(after=tasks) for _ in range(10)]
        self.assertEqual(self.client.call("stats")["gates"]["after"], 10**6)
        for param in ("after", "after_ok"):
            error = self.assert_error("LimitExceeded", self.client.spawn,
                                      "echo", **{param: 1})
            self.assertEqual(error.data["limit"], "after")
        self.cancel(waiting[0])
        self.sleeper(after=tasks[:1])

    def test_many_after_one(self):
        first = self.sleeper()
        self.client.exchange(b"".join(
            line(request("spawn", {"function": "echo", "after": first,
                                   "name": "many"}, id=i))
            for i in range(5000)), 5000)
        self.cancel(first)
        eventually(lambda: self.client.call("stats")["gates"]["after"] == 0)
        eventually(lambda: self.client.call("stats")["tasks"]["ready"] == 0)


class TestRetry(GateTest):
    def join(self, task):
        return self.client.call("join", task=task)

    def test_each_attempt_is_shown(self):
        task = self.client.spawn("fail", "no", retry={"times": 2,
                                                      "backoff": 0.01})
        error = self.assert_join_error("failed", self.join, task)
        self.assertEqual(error["message"], "no")
        row = self.show(task)
        self.assertEqual(row["recurrence"], {
            "kind": "retry", "times": 2, "backoff": 0.01, "max_backoff": 60})
        self.assertEqual((row["runs"], row["failures"], row["attempt"]),
                         (3, 3, 3))
        self.assertEqual([one["error"]["message"]
                          for one in row["attempts"]], ["no"] * 3)
        times = [one[key] for one in row["attempts"]
                 for key in ("started", "finished")]
        self.assertEqual(times, sorted(times))
        self.assertGreaterEqual(times[2] - times[1], 0.009)
        self.assertGreaterEqual(times[4] - times[3], 0.018)

    def test_attempts_are_not_in_rows(self):
        task = self.client.spawn("fail", "no", retry={"times": 100,
                                                      "backoff": FOREVER})
        eventually(lambda: self.show(task)["runs"] > 0)
        row = next(row for row in self.client.rows("list")
                   if row["id"] == task)
        self.assertNotIn("attempts", row)
        self.assertEqual(row["attempt"], 2)
        self.assertEqual(row["state"], "sleeping")

    def test_the_last_ten_attempts_are_kept(self):
        task = self.client.spawn("fail", "no", retry={"times": 30,
                                                      "backoff": 0})
        self.assert_join_error("failed", self.join, task)
        row = self.show(task)
        self.assertEqual((row["runs"], len(row["attempts"])), (31, 10))

    def test_a_success_ends_it(self):
        task = self.client.spawn("sum", 1, 2, retry={"times": 5})
        self.assertEqual(self.join(task), 3)
        row = self.show(task)
        self.assertEqual(row["attempt"], 1)
        self.assertNotIn("error", row["attempts"][0])

    def test_a_long_backoff_is_its_own_bound(self):
        task = self.client.spawn("echo", retry={"times": 1, "backoff": 100})
        self.assertEqual(self.show(task)["recurrence"]["max_backoff"], 100)
        task = self.client.spawn("echo", retry={"times": 1, "backoff": 100,
                                                "max_backoff": 5})
        self.assertEqual(self.show(task)["recurrence"]["max_backoff"], 5)

    def test_of_recurrences_it_is_no_param(self):
        for method, params in (("later", {"seconds": 0}), ("loop", {}),
                               ("interval", {"seconds": 0}),
                               ("rate", {"hertz": 1})):
            error = self.assert_error(
                "InvalidParams", self.client.call, method, function="echo",
                retry={"times": 1}, **params)
            self.assertIn("retry", str(error))


class TestRunTimeout(GateTest):
    def test_a_run_over_it_has_failed(self):
        task = self.sleeper(run_timeout=0.02)
        error = self.assert_join_error("failed", self.client.call, "join",
                                       task=task)
        self.assertEqual(error["code"], 2)
        self.assertEqual(error["data"]["type"], "TimeoutError")
        self.assertIn("0.02 s", error["message"])
        self.assertEqual(self.show(task)["run_timeout"], 0.02)

    def test_a_command_is_stopped(self):
        task = self.client.spawn("exec", "sleep", "1000", run_timeout=0.05)
        eventually(lambda: "pid" in self.show(task))
        pid = self.show(task)["pid"]
        error = self.assert_join_error("failed", self.client.call, "join",
                                       task=task)
        self.assertEqual(error["data"]["type"], "TimeoutError")
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)

    def test_and_tried_again(self):
        task = self.client.spawn("exec", "sleep", "1000", run_timeout=0.02,
                                 retry={"times": 2, "backoff": 0.01})
        self.assert_join_error("failed", self.client.call, "join", task=task)
        self.assertEqual([one["error"]["code"]
                          for one in self.show(task)["attempts"]], [2] * 3)

    def test_of_each_run(self):
        task = self.client.call(
            "interval", function="sleep", args=[FOREVER], seconds=0,
            run_timeout=0.01, max_failures=3)["id"]
        self.assert_join_error("failed", self.client.call, "join", task=task)
        self.assertEqual(self.show(task)["failures"], 3)

    def test_a_wait_is_no_run(self):
        self.pool("p", 1)
        first = self.sleeper(pool="p")
        task = self.client.spawn("echo", pool="p", run_timeout=0)
        self.client.call("sleep", seconds=0.01)
        self.cancel(first)
        self.assertEqual(self.client.call("join", task=task), [])

    def test_what_ends_at_once_is_within_none(self):
        task = self.client.spawn("echo", run_timeout=0)
        self.assertEqual(self.client.call("join", task=task), [])


class TestRerun(GateTest):
    def test_it_copies_all_but_what_it_came_after(self):
        first = self.client.spawn("sum", 1)
        self.client.call("join", task=first)
        task = self.client.spawn(
            "echo", pool="p", weight=2, run_timeout=5, after=first,
            retry={"times": 3, "backoff": 2, "max_backoff": 9})
        self.client.call("join", task=task)
        self.client.call("forget", task=first)
        again = self.client.call("rerun", task=task)["id"]
        self.client.call("join", task=again)
        before, after = self.show(task), self.show(again)
        for key in ("pool", "weight", "run_timeout", "recurrence", "attempt"):
            self.assertEqual(before[key], after[key])

    def test_one_that_waits_still_begins_at_once(self):
        task = self.client.spawn("echo", after=self.sleeper())
        again = self.client.call("rerun", task=task)["id"]
        self.assertEqual(self.client.call("join", task=again), [])


if __name__ == "__main__":
    unittest.main()
