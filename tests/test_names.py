#!/usr/bin/env python3
"""Names: what may be one, which task one means, and finding tasks by them."""

import time
import unittest

from daemon import DaemonTest, line, request, scaled


class NamesTest(DaemonTest):
    def spawn_forever(self, **params):
        return self.client.spawn("sleep", 1e9, **params)

    def find(self, name):
        return self.client.call("show", task=name)["id"]


class TestWhatMayBeAName(NamesTest):
    def test_the_functions_by_default(self):
        spawned = self.client.call("spawn", function="sum")
        self.assertEqual(spawned["name"], "sum")

    def test_free_text_of_up_to_255_bytes(self):
        for name in ("a", "x" * 255, "é" * 127, "\U0001f600" * 63, " ", "-1",
                     "1.5", "1a", "١٢٣", "a b/c:*?[]\\\"'", "\u200b", "null"):
            with self.subTest(name):
                task = self.client.call("spawn", function="sum", name=name)
                self.assertEqual(task["name"], name)
                self.assertEqual(self.find(name), task["id"])

    def test_digits_mean_a_name_when_they_are_a_string(self):
        task = self.spawn_forever()
        self.assert_error("NoSuchTask", self.find, str(task))
        self.assertEqual(self.find(task), task)


class TestWhichTaskIsMeant(NamesTest):
    def test_the_only_live_one(self):
        ended = self.client.spawn("sum", name="live")
        self.client.call("join", task=ended)
        task = self.spawn_forever(name="live")
        self.assertEqual(self.find("live"), task)

    def test_where_none_lives_the_one_that_finished_last(self):
        tasks = [self.spawn_forever(name="last") for _ in range(4)]
        for task in (tasks[2], tasks[0], tasks[3], tasks[1]):
            self.client.call("cancel", task=task)
        self.assertEqual(self.find("last"), tasks[1])

    def test_several_live_ones_are_ambiguous(self):
        tasks = [self.spawn_forever(name="two") for _ in range(2)]
        for method, params in (
                ("show", {"task": "two"}), ("cancel", {"tasks": ["two"]}),
                ("join", {"tasks": [tasks[0], "two"]}),
                ("spawn", {"function": "sum", "parent": "two"})):
            error = self.assert_error("AmbiguousName", self.client.call,
                                      method, **params)
            self.assertEqual(error.code, 4)
            self.assertEqual(error.data["ids"], tasks)
            self.assertIn("two", str(error))
        self.client.call("cancel", task=tasks[0])
        self.assertEqual(self.find("two"), tasks[1])

    def test_an_ambiguity_lists_up_to_ten_ids(self):
        tasks = [self.spawn_forever(name="many") for _ in range(12)]
        error = self.assert_error("AmbiguousName", self.find, "many")
        self.assertEqual(error.data["ids"], tasks[:10])
        self.assertIn("12", str(error))

    def test_a_client_is_not_found_by_name(self):
        self.assert_error("NoSuchTask", self.find, "client")
        task = self.client.spawn("sum", name="client")
        self.assertEqual(self.find("client"), task)

    def test_the_root_is(self):
        self.assertEqual(self.find("taskletd"), 1)


class TestUnique(NamesTest):
    def test_a_live_task_of_that_name_is_told(self):
        task = self.spawn_forever(name="one", unique=True)
        error = self.assert_error("AlreadyExists", self.spawn_forever,
                                  name="one", unique=True)
        self.assertEqual((error.code, error.data["id"]), (10, task))
        self.assertIn('"one"', str(error))

    def test_a_finished_one_is_no_hindrance(self):
        for _ in range(3):
            task = self.spawn_forever(name="again", unique=True)
            self.client.call("cancel", task=task)

    def test_it_holds_for_the_functions_name_too(self):
        self.client.spawn("echo", name="sum", scope="wait")
        task = self.spawn_forever(name="sum")
        self.assert_error("AlreadyExists", self.client.spawn, "sum",
                          unique=True)
        self.client.call("cancel", task=task)

    def test_it_binds_only_those_that_ask(self):
        tasks = [self.spawn_forever(name="free", unique=unique)
                 for unique in (True, False)]
        self.assertEqual(len(set(tasks)), 2)


class TestList(NamesTest):
    def ids(self, **params):
        return [row["id"] for row in self.client.rows("list", **params)]

    def test_by_pattern(self):
        names = ("list-a", "list-b", "list-ab", "list-*")
        tasks = {name: self.spawn_forever(name=name) for name in names}
        for pattern, found in (
                ("list-*", names), ("list-?", ("list-a", "list-b", "list-*")),
                ("list-[ab]", ("list-a", "list-b")),
                ("list-\\*", ("list-*",)), ("list-", ()), ("LIST-A", ())):
            with self.subTest(pattern):
                self.assertEqual(self.ids(name=pattern),
                                 [tasks[name] for name in found])

    def test_by_state_function_and_whether_finished(self):
        done = self.client.spawn("sum", name="filter")
        failed = self.client.spawn("fail", "x", name="filter")
        live = self.spawn_forever(name="filter")
        self.await_state(live, "sleeping")
        for params, found in (
                ({}, [done, failed, live]), ({"finished": False}, [live]),
                ({"finished": True}, [done, failed]),
                ({"state": "done"}, [done]), ({"state": "failed"}, [failed]),
                ({"state": "sleeping"}, [live]), ({"state": "paused"}, []),
                ({"function": "fail"}, [failed]), ({"function": "no"}, [])):
            with self.subTest(**params):
                if found is None:
                    self.assert_error("InvalidParams", self.ids, **params)
                else:
                    self.assertEqual(self.ids(name="filter", **params), found)

    def test_a_costly_pattern_holds_nobody_up(self):
        names = ["a" * 250 + f"{i:05d}" for i in range(scaled(5000))]
        self.client.exchange(b"".join(line(request(
            "spawn", {"function": "sum", "name": name}, id=name))
                                      for name in names), len(names))
        for pattern in ("*a" * 127 + "b", "*[" + "b" * 250 + "]*",
                        "*[b" * 63 + "]", "*" * 255):
            list_id = self.client.start("list", name=pattern)
            begin = time.monotonic()
            self.bystander.call("ping")
            self.assertLess(time.monotonic() - begin, 30)
            self.client.finish(list_id)

    def test_a_pattern_longer_than_a_name_is_refused(self):
        # A megabyte of it, matched with each name, would hold all up.
        for pattern in ("*" * 256, "[" + "b" * 1000000 + "]*"):
            error = self.assert_error("InvalidParams", self.client.call,
                                      "list", name=pattern)
            self.assertIn("name: must be a string of at most 255 bytes",
                          str(error))


if __name__ == "__main__":
    unittest.main()
