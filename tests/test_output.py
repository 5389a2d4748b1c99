#!/usr/bin/env python3
"""output: what a task wrote, from anywhere in it, in whole characters."""

import base64
import unittest

from daemon import DaemonTest

KEPT = 64 * 1024


class TestOutput(DaemonTest):
    def print(self, *args):
        task = self.client.spawn("print", *args)
        self.client.call("join", task=task)
        return task

    def output(self, task, **params):
        return self.client.call("output", task=task, **params)

    def test_is_what_print_wrote(self):
        for args, text in (
                ([], "\n"), (["a", "b c"], "a b c\n"),
                ([1, 2.5, True, None, ["x", {}]],
                 '1 2.5 true null ["x",{}]\n'),
                (["\u001b[31m\u0000\U0001f600"],
                 "\u001b[31m\u0000\U0001f600\n")):
            with self.subTest(args=args):
                self.assertEqual(
                    self.output(self.print(*args)),
                    {"data": text, "next": len(text.encode()), "lost": 0})

    def test_of_a_task_that_writes_none_is_empty(self):
        for function in ("sum", "sleep"):
            task = self.client.spawn(function, *([0] * (function == "sleep")))
            self.assertEqual(self.output(task),
                             {"data": "", "next": 0, "lost": 0})

    def test_goes_on_where_it_left_off(self):
        task = self.print("abcdef")
        first = self.output(task, limit=4)
        self.assertEqual(first, {"data": "abcd", "next": 4, "lost": 0})
        self.assertEqual(self.output(task, after=4)["data"], "ef\n")
        self.assertEqual(self.output(task, after=7),
                         {"data": "", "next": 7, "lost": 0})

    def test_of_one_stream(self):
        task = self.print("abc")
        self.assertEqual(self.output(task, stream="stdout"),
                         {"data": "abc\n", "next": 4, "lost": 0})
        self.assertEqual(self.output(task, stream="stderr"),
                         {"data": "", "next": 4, "lost": 0})

    def test_in_base64_is_exact(self):
        task = self.print("\U0001f600\0")
        page = self.output(task, after=1, encoding="base64", limit=4)
        self.assertEqual(base64.b64decode(page["data"]), b"\x9f\x98\x80\0")
        self.assertEqual((page["next"], page["lost"]), (5, 0))
        page = self.output(task, after=6, encoding="base64")
        self.assertEqual(page, {"data": "", "next": 6, "lost": 0})

    def test_after_its_end_is_empty(self):
        task = self.print("abc")
        self.assertEqual(self.output(task, after=1000)["data"], "")

    def test_is_never_split_in_a_character(self):
        text = "aé€\U0001f600" * 50
        task = self.print(text)
        for limit in range(4, 20):
            got, after = "", 0
            while data := (page := self.output(task, after=after,
                                               limit=limit))["data"]:
                got, after = got + data, page["next"]
            self.assertEqual(got, text + "\n")

    def test_from_within_a_character_begins_with_the_next(self):
        task = self.print("\U0001f600é")
        for after, data, lost in ((0, "\U0001f600é\n", 0), (1, "é\n", 3),
                                  (3, "é\n", 1), (4, "é\n", 0), (5, "\n", 1)):
            page = self.output(task, after=after)
            self.assertEqual((page["data"], page["lost"]), (data, lost))

    def test_keeps_the_last_64_kib(self):
        text = "".join(f"{i:07d} " for i in range(20000))
        task = self.print(text)
        written = len(text) + 1
        page = self.output(task)
        self.assertEqual(page, {"data": (text + "\n")[-KEPT:],
                                "next": written, "lost": written - KEPT})
        page = self.output(task, after=written - KEPT - 10)
        self.assertEqual((len(page["data"]), page["lost"]), (KEPT, 10))

    def test_what_was_lost_in_a_character_begins_with_the_next(self):
        task = self.print("€" * 30000)
        page = self.output(task)
        self.assertEqual(page["data"], "€" * ((KEPT - 1) // 3) + "\n")
        self.assertEqual(page["next"], 90001)
        self.assertEqual(page["lost"],
                         90001 - len(page["data"].encode()))


if __name__ == "__main__":
    unittest.main()
