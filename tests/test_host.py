#!/usr/bin/env python3
"""Tasks that programs host: they end as their program says, and are cancelled and
paused as all others."""

import unittest

from daemon import eventually, line, request
from hosting import HostTest


class TestTasks(HostTest):
    def test_runs_from_its_beginning(self):
        reply = self.program.call("host", function="page", name="front")
        self.assertEqual(set(reply), {"id", "name"})
        self.assertEqual(reply["name"], "front")
        row = self.row(reply["id"])
        self.assertEqual((row["state"], row["name"], row["function"]),
                         ("running", "front", "page"))
        self.assertEqual(row["started"], row["created"])
        self.assertEqual(row["parent"],
                         self.program.call("current")["id"])

    def test_is_called_as_its_function(self):
        self.assertEqual(self.program.call("host")["name"], "hosted")
        self.assertEqual(self.program.call("host", function="a b")["name"],
                         "a b")

    def test_any_text_that_is_a_name_is_a_function(self):
        for function in ('say "hi"', "back\\slash", "é", "x" * 255, "echo",
                         "client"):
            task = self.program.host(function=function, args=[{"a": [1]}])
            self.assertEqual(self.row(task)["function"], function)
            self.program.end(task)
            self.assertEqual(self.show(task)["function"], function)
            self.assertEqual(self.show(task)["args"], [{"a": [1]}])

    def test_is_not_to_be_spawned(self):
        task = self.program.host(function="page")
        self.assert_error("NoSuchFunction", self.client.spawn, "page")
        for one in (task, self.program.host(function="echo")):
            self.assert_error("NoSuchFunction", self.client.call, "rerun",
                              task=one)

    def test_ends_with_any_result(self):
        for result in (None, True, 0, 2**63 - 1, 0.1, "", "a\u0000b", [], {},
                       [None, {"a": [1.5, "é"]}]):
            task = self.program.host()
            join = self.client.start("join", task=task)
            self.program.end(task, result)
            self.assertEqual(self.client.finish(join), result)
            self.assertEqual(self.show(task)["result"], result)

    def test_ends_with_an_error_that_arrives_whole(self):
        task = self.program.host()
        self.program.fail(task, "boom\u0000", traceback="line 1",
                          value={"a": [None, 0.1]}, type="mine", code=7)
        cause = self.assert_failed(task, "boom\u0000")
        self.assertEqual(cause["data"], {
            "type": "FunctionError", "traceback": "line 1", "code": 7,
            "value": {"a": [None, 0.1]}})

    def test_an_error_without_data(self):
        task = self.program.host()
        self.program.fail(task, "")
        self.assertEqual(self.assert_failed(task, "")["data"],
                         {"type": "FunctionError"})

    def test_an_error_that_is_none_is_refused(self):
        task = self.program.host()
        for error, word in (({}, "error.message: missing"),
                            ({"message": 1}, "error.message: must be a s"),
                            ({"message": "x", "data": 1}, "error.data: must"),
                            ({"message": "x", "why": 1}, "error.why: no such")):
            refusal = self.assert_error("InvalidParams", self.program.call,
                                        "finish", task=task, error=error)
            self.assertIn(word, str(refusal))
        self.assert_state("running", task)

    def test_joiners_of_every_kind_are_told(self):
        tasks = [self.program.host() for _ in range(3)]
        each = [self.client.start("join", task=task) for task in tasks]
        both = self.client.start("join", tasks=tasks)
        first = self.client.start("join", tasks=tasks, mode="any")
        self.program.end(tasks[1], "one")
        self.assertEqual(self.client.finish(first),
                         {"task": tasks[1], "state": "done", "result": "one"})
        self.program.fail(tasks[0], "no")
        self.program.end(tasks[2], "two")
        self.assertEqual(self.client.finish(each[1]), "one")
        self.assert_join_error("failed", self.client.finish, each[0])
        self.assertEqual([one["state"] for one in self.client.finish(both)],
                         ["failed", "done", "done"])

    def test_is_found_by_name(self):
        self.program.host(name="mine")
        self.program.call("finish", task="mine", result=1)
        self.assertEqual(self.client.call("join", task="mine"), 1)

    def test_has_children_of_any_kind(self):
        parent = self.program.host()
        child = self.program.host(parent=parent)
        sleeper = self.client.spawn("sleep", 1e9, parent=parent)
        self.assertEqual([row["id"] for row in self.client.call(
            "children", task=parent)], [child, sleeper])
        self.program.end(parent)
        self.assertEqual(self.row(child)["parent"],
                         self.program.call("current")["id"])
        self.client.call("cancel", task=sleeper)

    def test_below_another_programs_task(self):
        other = self.connect_program()
        parent = other.host()
        child = self.program.host(parent=parent)
        other.close()
        self.assert_failed(parent)
        self.assert_state("running", child)
        self.program.end(child, 5)
        self.assertEqual(self.client.call("join", task=child), 5)

    def test_of_a_program_that_is_attached(self):
        task = self.client.spawn("sleep", 1e9)
        self.program.host(name="before")
        self.program.call("attach", task=task)
        child = self.program.host(name="after")
        self.assertEqual(self.row(child)["parent"], task)
        show = self.client.start("show", task=child)
        self.program.answer(self.program.next(), result={})
        self.assertEqual(self.client.finish(show)["host"], task)
        self.client.call("cancel", task=task, only=True)
        self.assert_state("running", child)
        for name in ("before", "after"):
            self.program.call("finish", task=name, result=name)
            self.assertEqual(self.client.call("join", task=name), name)

    def test_in_a_batch(self):
        self.program.send_json([
            request("host", {"name": f"of the batch {i}"}, id=i)
            for i in range(100)])
        replies = {reply["id"]: reply["result"]
                   for reply in self.program.read()}
        self.assertEqual([replies[i]["name"] for i in range(100)],
                         [f"of the batch {i}" for i in range(100)])
        self.program.send_json([
            request("finish", {"task": replies[i]["id"], "result": i}, id=i)
            for i in range(100)])
        self.assertEqual({reply["result"] for reply in self.program.read()},
                         {None})
        self.assertEqual(
            [one["result"] for one in self.client.call(
                "join", tasks=[replies[i]["id"] for i in range(100)])],
            list(range(100)))

    def test_as_a_notification(self):
        self.program.send_json(request("host", {"name": "unheard of"}))
        self.program.call("ping")
        task = next(row["id"] for row in self.client.rows("list")
                    if row["name"] == "unheard of")
        self.program.end(task)


class TestFinish(HostTest):
    def test_twice_is_an_error(self):
        task = self.program.host()
        self.program.end(task, 1)
        for _ in range(2):
            error = self.assert_error("NoSuchTask", self.program.end, task, 2)
            self.assertIn("has ended", str(error))
            self.assertEqual(error.data["task"], task)
        self.assertEqual(self.client.call("join", task=task), 1)

    def test_is_for_its_own_program(self):
        task = self.program.host()
        other = self.connect_program()
        other.host()
        for stranger in (other, self.client):
            error = self.assert_error("PermissionDenied", stranger.call,
                                      "finish", task=task, result=1)
            self.assertEqual(error.data["task"], task)
        self.assert_state("running", task)

    def test_of_what_nobody_hosts_is_denied(self):
        for task in (self.client.spawn("sleep", 1e9), 1,
                     self.client.call("current")["id"]):
            self.assert_error("PermissionDenied", self.program.end, task)

    def test_of_one_that_waits_for_its_children_is_denied(self):
        task = self.program.host(scope="wait")
        child = self.program.host(parent=task)
        self.program.end(task, 1)
        self.assert_error("PermissionDenied", self.program.end, task, 2)
        self.program.end(child)
        self.assertEqual(self.client.call("join", task=task), 1)


class TestScope(HostTest):
    def test_wait(self):
        task = self.program.host(scope="wait")
        child = self.program.host(parent=task)
        self.program.end(task, "all")
        self.assertEqual(self.row(task)["wait"]["for"], "children")
        self.program.end(child)
        self.assertEqual(self.client.call("join", task=task), "all")

    def test_cancel_tells_the_children(self):
        task = self.program.host(scope="cancel")
        child = self.program.host(parent=task)
        self.program.end(task, "all")
        self.assertEqual(self.program.expect("cancel"),
                         {"task": child, "grace": 5})
        self.assert_state("waiting", task)
        self.program.end(child)
        self.assertEqual(self.client.call("join", task=task), "all")
        self.assert_state("cancelled", child)

    def test_a_program_that_goes_ends_it_once_its_children_have(self):
        task = self.program.host(scope="wait")
        child = self.client.spawn("sleep", 1e9, parent=task)
        self.program.close()
        eventually(lambda: self.row(task)["state"] == "waiting")
        self.client.call("cancel", task=child)
        self.assert_failed(task)


class TestCancel(HostTest):
    def test_tells_and_waits(self):
        task = self.program.host()
        self.assertEqual(self.client.call("cancel", task=task, reason="why",
                                          grace=100),
                         {"cancelled": [task], "count": 1})
        self.assertEqual(self.program.expect("cancel"),
                         {"task": task, "reason": "why", "grace": 100})
        self.assert_state("running", task)
        self.program.end(task, "swallowed")
        cause = self.assert_join_error("cancelled", self.client.call, "join",
                                       task=task)
        self.assertEqual(cause["message"], "why")
        self.assertNotIn("result", self.show(task))

    def test_a_failure_is_a_cancel_too(self):
        task = self.program.host()
        self.client.call("cancel", task=task)
        self.program.expect("cancel")
        self.program.fail(task, "cancelled, as told")
        self.assert_state("cancelled", task)

    def test_who_ignores_it_is_ended_without(self):
        task = self.program.host()
        join = self.client.start("join", task=task)
        self.client.call("cancel", task=task, grace=1)
        self.assertEqual(self.program.expect("cancel")["grace"], 1)
        self.assert_join_error("cancelled", self.client.finish, join)
        self.assert_error("NoSuchTask", self.program.end, task)
        self.assertTrue(self.program.is_told_nothing())

    def test_again_hurries(self):
        task = self.program.host()
        join = self.client.start("join", task=task)
        self.client.call("cancel", task=task, grace=1000)
        self.assertEqual(self.client.call("cancel", task=task, grace=2000),
                         {"cancelled": [], "count": 0})
        self.client.call("cancel", task=task, grace=0)
        self.assert_join_error("cancelled", self.client.finish, join)
        self.assertEqual(self.program.expect("cancel")["grace"], 1000)

    def test_of_a_subtree_tells_each(self):
        parent = self.program.host()
        other = self.connect_program()
        child = other.host(parent=parent)
        self.client.call("cancel", task=parent)
        self.assertEqual(other.expect("cancel")["task"], child)
        self.assertEqual(self.program.expect("cancel")["task"], parent)
        self.program.end(parent)
        other.end(child)
        self.assert_state("cancelled", parent, child)

    def test_only(self):
        parent = self.program.host()
        child = self.program.host(parent=parent)
        self.client.call("cancel", task=parent, only=True)
        self.assertEqual(self.program.expect("cancel")["task"], parent)
        self.program.end(parent)
        self.assertTrue(self.program.is_told_nothing())
        self.assert_state("running", child)

    def test_by_the_timeout(self):
        task = self.program.host(timeout=0.01)
        self.assertEqual(self.program.expect("cancel"), {
            "task": task, "reason": "the task's timeout ran out", "grace": 5})
        self.program.end(task, 1)
        self.assert_join_error("timeout", self.client.call, "join", task=task)

    def test_by_the_program_itself(self):
        task = self.program.host()
        self.program.call("cancel", task=task)
        self.assertEqual(self.program.expect("cancel")["task"], task)
        self.program.end(task)
        self.assert_state("cancelled", task)


class TestPause(HostTest):
    def test_of_a_subtree_tells_each(self):
        parent = self.program.host()
        child = self.program.host(parent=parent)
        self.client.call("pause", task=parent)
        self.assertEqual([self.program.expect("pause") for _ in range(2)],
                         [{"task": parent}, {"task": child}])
        self.assert_state("paused", parent, child)
        self.client.call("resume", task=parent)
        self.assertEqual([self.program.expect("resume") for _ in range(2)],
                         [{"task": parent}, {"task": child}])
        self.assert_state("running", parent, child)

    def test_a_task_below_what_is_paused_starts_paused(self):
        parent = self.client.spawn("sleep", 1e9)
        self.client.call("pause", task=parent)
        task = self.program.host(parent=parent)
        self.assert_state("paused", task)
        self.assertEqual(self.program.expect("pause"), {"task": task})
        self.client.call("resume", task=parent)
        self.assertEqual(self.program.expect("resume"), {"task": task})
        self.client.call("cancel", task=parent)
        self.assertEqual(self.program.expect("cancel")["task"], task)

    def test_a_cancel_of_it_is_told(self):
        parent = self.program.host()
        child = self.program.host(parent=parent)
        self.client.call("pause", task=parent)
        self.program.expect("pause")
        self.program.expect("pause")
        self.client.call("cancel", task=parent)
        self.assertEqual(
            [(message["method"], message["params"]["task"])
             for message in (self.program.next() for _ in range(4))],
            [("resume", child), ("cancel", child), ("resume", parent),
             ("cancel", parent)])
        self.program.end(child)
        self.program.end(parent)
        self.assert_state("cancelled", parent, child)

    def test_what_is_paused_may_finish(self):
        task = self.program.host()
        self.client.call("pause", task=task)
        self.program.end(task, 1)
        self.assertEqual(self.client.call("join", task=task), 1)
        waits = self.program.host(scope="wait")
        child = self.program.host(parent=waits)
        self.client.call("pause", task=waits, only=True)
        self.program.end(waits, 2)
        self.program.end(child)
        self.assertEqual(self.client.call("join", task=waits), 2)

    def test_holds_its_timeout(self):
        parent = self.client.spawn("sleep", 1e9)
        self.client.call("pause", task=parent)
        task = self.program.host(timeout=0.1, parent=parent)
        self.program.expect("pause")
        self.client.call("sleep", seconds=0.2)
        self.assert_state("paused", task)
        self.client.call("resume", task=parent)
        self.program.expect("resume")
        self.assertEqual(self.program.expect("cancel")["task"], task)
        self.program.end(task)


if __name__ == "__main__":
    unittest.main()
