#!/usr/bin/env python3
"""join: of one task and of many, before and after the end, by any number."""

import json
import time
import unittest

from daemon import (PATIENCE, DaemonTest, eventually, line, request, scaled)


class JoinTest(DaemonTest):
    def spawn_forever(self, **params):
        return self.client.spawn("sleep", 1e9, **params)

    def cancel(self, task):
        self.bystander.call("cancel", task=task)


class TestOne(JoinTest):
    def test_the_result_is_the_functions_own(self):
        for function, args, result in (
                ("sum", [], 0), ("sum", [1, 2], 3), ("sum", [1, 0.5], 1.5),
                ("echo", [], []), ("echo", [None, {"a": ["\u0000é"]}],
                                   [None, {"a": ["\u0000é"]}]),
                ("print", ["x"], None), ("sleep", [0], None)):
            with self.subTest(function=function, args=args):
                task = self.client.spawn(function, *args)
                got = self.client.call("join", task=task)
                self.assertEqual(got, result)
                self.assertIs(type(got), type(result))

    def test_before_the_end(self):
        task = self.spawn_forever()
        join = self.client.start("join", task=task)
        self.client.call("sleep", seconds=0.01)
        self.assertEqual(self.client.early, {})
        self.cancel(task)
        self.assert_join_error("cancelled", self.client.finish, join)

    def test_after_the_end_as_often_as_wanted(self):
        task = self.client.spawn("sum", 1, 2)
        for _ in range(3):
            self.assertEqual(self.client.call("join", task=task), 3)

    def test_after_the_end_of_its_client(self):
        other = self.connect()
        task = other.spawn("sum", 1, 2)
        other.close()
        self.assertEqual(self.client.call("join", task=task), 3)

    def test_by_name(self):
        self.client.spawn("sum", 1, 2, name="three")
        self.assertEqual(self.client.call("join", task="three"), 3)

    def test_of_a_task_that_failed(self):
        task = self.client.spawn("fail", "bo\u0000om")
        error = self.assert_error("JoinError", self.client.call, "join",
                                  task=task)
        self.assertEqual(error.code, 1)
        self.assertEqual(error.data["task"], task)
        self.assertEqual(error.data["state"], "failed")
        cause = error.data["cause"]
        self.assertEqual(cause["message"], "bo\u0000om")
        self.assertEqual(cause["data"]["type"], "FunctionError")

    def test_of_a_task_that_ran_out_of_time(self):
        task = self.spawn_forever(timeout=0.01)
        cause = self.assert_join_error("timeout", self.client.call, "join",
                                       task=task)
        self.assertEqual(cause["data"]["type"], "TimeoutError")
        self.assertEqual(cause["code"], 2)


class TestMany(JoinTest):
    def test_all_are_in_the_order_asked(self):
        tasks = [self.client.spawn(*call) for call in (
            ("sleep", 0.03), ("fail", "boom"), ("sum", 1, 2), ("sleep", 0.01))]
        results = self.client.call("join", tasks=tasks)
        self.assertEqual([one["task"] for one in results], tasks)
        self.assertEqual([one["state"] for one in results],
                         ["done", "failed", "done", "done"])
        self.assertEqual([one.get("result", "none") for one in results],
                         [None, "none", 3, None])
        self.assertEqual(results[1]["error"]["message"], "boom")
        self.assertNotIn("error", results[0])

    def test_all_is_the_default_mode(self):
        tasks = [self.client.spawn("sum", i) for i in range(3)]
        self.assertEqual(self.client.call("join", tasks=tasks),
                         self.client.call("join", tasks=tasks, mode="all"))

    def test_all_of_none(self):
        self.assertEqual(self.client.call("join", tasks=[]), [])

    def test_the_same_task_several_times(self):
        task = self.client.spawn("sleep", 0.01, name="same")
        results = self.client.call("join", tasks=[task, task, "same"])
        self.assertEqual([one["task"] for one in results], [task] * 3)

    def test_any_is_the_first_to_finish(self):
        slow, fast = self.spawn_forever(), self.client.spawn("sleep", 0.01)
        one = self.client.call("join", tasks=[slow, fast], mode="any")
        self.assertEqual(one, {"task": fast, "state": "done", "result": None})

    def test_any_of_those_that_have_finished_is_the_first_that_did(self):
        tasks = [self.spawn_forever() for _ in range(5)]
        for task in (tasks[3], tasks[0], tasks[4]):
            self.cancel(task)
        one = self.client.call("join", tasks=tasks, mode="any")
        self.assertEqual((one["task"], one["state"]), (tasks[3], "cancelled"))

    def test_any_may_be_one_that_failed(self):
        fails = self.client.spawn("fail", "boom")
        one = self.client.call("join", tasks=[self.spawn_forever(), fails],
                               mode="any")
        self.assertEqual(one["error"]["message"], "boom")

    def test_any_leaves_the_others_alone(self):
        slow, fast = self.spawn_forever(), self.client.spawn("sleep", 0)
        self.client.call("join", tasks=[slow, fast], mode="any")
        self.assertEqual(self.client.call("show", task=slow)["state"],
                         "sleeping")


class TestTimeout(JoinTest):
    def assert_times_out(self, pending, **params):
        error = self.assert_error("TimeoutError", self.client.call, "join",
                                  **params)
        self.assertEqual(error.code, 2)
        self.assertEqual(error.data["pending"], pending)

    def test_tells_what_is_pending_and_leaves_it_alone(self):
        task = self.spawn_forever()
        self.assert_times_out([task], task=task, timeout=0.01)
        self.assertEqual(self.client.call("show", task=task)["state"],
                         "sleeping")

    def test_of_many_names_those_that_have_not_ended(self):
        done, first, last = (self.client.spawn("sleep", 0),
                             self.spawn_forever(), self.spawn_forever())
        self.client.call("join", task=done)
        self.assert_times_out([first, last], tasks=[first, done, last],
                              timeout=0.05)

    def test_of_any(self):
        tasks = [self.spawn_forever(), self.spawn_forever()]
        self.assert_times_out(tasks, tasks=tasks, mode="any", timeout=0.01)

    def test_of_zero_asks_whether_it_has_ended(self):
        task = self.spawn_forever()
        self.assert_times_out([task], task=task, timeout=0)
        self.cancel(task)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task, timeout=0)

    def test_that_does_not_run_out(self):
        task = self.client.spawn("sleep", 0.01)
        self.assertIsNone(self.client.call("join", task=task, timeout=1e9))

    def test_is_not_early(self):
        task, begin = self.spawn_forever(), time.monotonic()
        self.assert_times_out([task], task=task, timeout=0.1)
        self.assertGreaterEqual(time.monotonic() - begin, 0.1)


class TestClientTasks(JoinTest):
    def test_a_client_ends_done_when_it_goes(self):
        other = self.connect()
        join = self.client.start("join", task=other.call("current")["id"])
        self.client.call("ping")
        other.close()
        self.assertIsNone(self.client.finish(join))

    def test_a_client_that_is_cancelled(self):
        other = self.connect()
        task = other.call("current")["id"]
        join = self.client.start("join", task=task)
        self.client.call("cancel", task=task, reason="enough")
        cause = self.assert_join_error("cancelled", self.client.finish, join)
        self.assertEqual(cause["data"]["reason"], "enough")

    def test_a_client_that_has_gone_is_not_retained(self):
        other = self.connect()
        task = other.call("current")["id"]
        join = self.client.start("join", task=task)
        self.client.call("ping")
        other.close()
        self.client.finish(join)
        self.assert_error("NoSuchTask", self.client.call, "join", task=task)

    def test_joining_oneself_is_a_deadlock(self):
        own = self.client.call("current")["id"]
        for params in ({"task": own}, {"tasks": [own]},
                       {"tasks": [self.spawn_forever(), own]},
                       {"tasks": [own], "mode": "any"},
                       {"task": own, "timeout": 1}):
            with self.subTest(**params):
                error = self.assert_error("Deadlock", self.client.call,
                                          "join", **params)
                self.assertEqual(error.code, 11)
                self.assertEqual(error.data["cycle"], [own])

    def test_two_clients_may_join_each_other(self):
        other = self.connect()
        theirs = other.call("current")["id"]
        join = self.client.start("join", task=theirs)
        other.start("join", task=self.client.call("current")["id"])
        other.call("ping")
        other.close()
        self.assertIsNone(self.client.finish(join))

    def test_what_a_client_waits_for_is_shown(self):
        task = self.spawn_forever()
        self.client.start("join", task=task)
        own = self.client.call("current")
        self.assertEqual(own["state"], "waiting")
        self.assertEqual(own["wait"]["for"], "join")
        self.assertEqual(own["wait"]["tasks"], [task])


class TestNumbers(JoinTest):
    def test_10000_joins_of_one_task_on_one_connection(self):
        task = self.spawn_forever()
        joins = scaled(10000)
        self.client.send(b"".join(line(request("join", {"task": task}, id=i))
                                  for i in range(joins)))
        self.client.call("ping")
        self.cancel(task)
        self.assertEqual({self.client.read()["id"] for _ in range(joins)},
                         set(range(joins)))

    def test_10000_joins_of_one_task_that_has_ended(self):
        task, joins = self.client.spawn("sum", 1, 2), scaled(10000)
        self.client.call("join", task=task)
        replies = self.client.exchange(
            b"".join(line(request("join", {"task": task}, id=i))
                     for i in range(joins)), joins)
        for i, reply in enumerate(replies):
            self.assertEqual(json.loads(reply),
                             {"jsonrpc": "2.0", "id": i, "result": 3})

    def test_a_join_of_10000_tasks(self):
        count = scaled(10000)
        self.client.exchange(
            b"".join(line(request(
                "spawn", {"function": "echo", "args": [i], "name": f"j{i}"},
                id=i)) for i in range(count)), count)
        results = self.client.call("join",
                                   tasks=[f"j{i}" for i in range(count)])
        self.assertEqual([one["result"] for one in results],
                         [[i] for i in range(count)])

    def test_10000_tasks_with_a_joiner_each_that_end_at_once(self):
        top, count = self.spawn_forever(), scaled(10000)
        children = [json.loads(reply)["result"]["id"]
                    for reply in self.client.exchange(b"".join(line(request(
                        "spawn", {"function": "sleep", "args": [1e9],
                                  "parent": top}, id=i))
                                        for i in range(count)), count)]
        self.client.send(b"".join(line(request("join", {"task": i}, id=i))
                                  for i in children))
        self.client.call("ping")
        self.cancel(top)
        self.assertEqual({self.client.read()["id"] for _ in children},
                         set(children))

    def test_a_join_past_the_bound_pauses_that_connection_alone(self):
        tasks = [self.spawn_forever() for _ in range(10)]
        join = self.client.start("join", tasks=tasks * 7000)
        ping = self.client.start("ping")
        for _ in range(3):
            self.assertEqual(self.bystander.call("sleep", seconds=0.01), None)
        self.assertTrue(self.client.is_silent())
        for task in tasks:
            self.cancel(task)
        results = self.client.finish(join)
        self.assertEqual([one["task"] for one in results], tasks * 7000)
        self.assertEqual(self.client.finish(ping), "pong")

    def test_a_client_that_is_paused_and_goes_is_seen_to_go(self):
        other = self.connect()
        tasks = [self.spawn_forever()]
        own = other.call("current")["id"]
        other.start("join", tasks=tasks * 70000)
        join = self.client.start("join", task=own)
        self.client.call("ping")
        other.close()
        self.assertIsNone(self.client.finish(join))


class TestVanishing(JoinTest):
    def test_a_joiner_that_vanishes_leaves_the_others(self):
        task = self.spawn_forever()
        clients = scaled(200)
        before = self.client.call("stats")["clients"]
        joiners = [self.connect() for _ in range(clients)]
        for joiner in joiners:
            joiner.start("join", task=task)
            joiner.call("ping")
        for joiner in joiners[::2]:
            joiner.close()
        eventually(lambda: self.client.call("stats")["clients"] ==
                   before + len(joiners[1::2]))
        self.cancel(task)
        for joiner in joiners[1::2]:
            self.assert_join_error("cancelled", joiner.finish, 1)

    def test_a_sleep_of_a_client_that_goes_is_dropped(self):
        timers = self.client.call("stats")["timers"]
        other = self.connect()
        other.start("sleep", seconds=1e9)
        other.start("join", task=self.bystander_task, timeout=1e9)
        other.call("ping")
        self.assertEqual(self.client.call("stats")["timers"], timers + 2)
        other.close()
        eventually(lambda: self.client.call("stats")["timers"] == timers)


class TestSleep(JoinTest):
    def test_takes_as_long_as_asked(self):
        for seconds in (0, 0.001, 0.05):
            begin = time.monotonic()
            self.assertIsNone(self.client.call("sleep", seconds=seconds))
            self.assertGreaterEqual(time.monotonic() - begin, seconds)

    def test_several_at_once_end_in_the_order_of_their_deadlines(self):
        delays = [0.15, 0.05, 0.25, 0.1, 0.2]
        self.client.send(b"".join(
            line(request("sleep", {"seconds": s}, id=s)) for s in delays))
        self.assertEqual([self.client.read()["id"] for _ in delays],
                         sorted(delays))

    def test_a_long_one_is_shown_as_what_the_client_waits_for(self):
        self.client.start("sleep", seconds=PATIENCE)
        self.assertEqual(self.client.call("current")["wait"]["for"], "sleep")


if __name__ == "__main__":
    unittest.main()
