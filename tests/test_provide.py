#!/usr/bin/env python3
"""Functions that programs provide: found as built-in ones are, run by taking
turns, gone with their programs. And what programs say of their tasks."""

import functools
import time
import unittest

from daemon import DaemonTest, eventually
from program import Program


class ProvideTest(DaemonTest):
    def setUp(self):
        super().setUp()
        # What recurs would run with the next test's provider.
        self.addCleanup(self.cancel_all)
        self.program = self.connect_program()

    def connect_program(self):
        program = Program(self.daemon.path)
        self.addCleanup(program.close)
        return program

    def functions(self):
        return {one["name"]: one for one in self.client.call("functions")}

    def own(self, client):
        return client.call("current")["id"]

    def run_once(self, program, result=None):
        """The next run of the program's, ended at once."""
        run = program.expect("run")
        program.end(run["task"], result)
        return run["task"]


COUNT = {"name": "words.count", "summary": "Counts words.", "arguments": [
    {"name": "text", "type": "string"},
    {"name": "numbers", "type": "number", "repeat": True}]}


class TestFunctions(ProvideTest):
    def test_are_listed_with_their_hosts(self):
        self.program.provide(COUNT)
        self.assertEqual(self.functions()["words.count"], {
            **COUNT, "options": [], "hosts": [self.own(self.program)]})
        other = self.connect_program()
        other.provide("words.count", "more")
        functions = self.functions()
        self.assertEqual(functions["words.count"]["hosts"],
                         [self.own(self.program), self.own(other)])
        self.assertEqual(functions["more"]["hosts"], [self.own(other)])

    def test_are_spawned_as_others_are(self):
        self.program.provide(COUNT)
        task = self.client.spawn("words.count", "a b", 1, name="counting")
        join = self.client.start("join", task=task)
        self.assertEqual(self.program.expect("run"), {
            "task": task, "function": "words.count", "args": ["a b", 1],
            "options": {}})
        row = next(row for row in self.client.rows("list", name="counting"))
        self.assertEqual((row["function"], row["state"], row["parent"]),
                         ("words.count", "running", self.own(self.client)))
        self.program.end(task, 2)
        self.assertEqual(self.client.finish(join), 2)

    def test_arguments_are_checked(self):
        self.program.provide(COUNT)
        for args, words in (
                ([1], "text 1 of words.count must be a string, not 1"),
                ([], "words.count takes text numbers..., not 0"),
                (["a", 1, "b"], "numbers 3 of words.count must be a n")):
            self.assertIn(words, str(self.assert_error(
                "InvalidParams", self.client.spawn, "words.count", *args)))
        long = {"name": "long", "summary": "x", "arguments": [
            {"name": f"{i} " + "x" * 200} for i in range(100)]}
        self.program.provide(long)
        self.assertLess(len(str(self.assert_error(
            "InvalidParams", self.client.spawn, "long"))), 500)

    def test_any_are_taken_where_none_are_told(self):
        self.program.provide("any", {"name": "none", "summary": "x",
                                     "arguments": []})
        self.assert_error("InvalidParams", self.client.spawn, "none", 1)
        self.client.spawn("any", 1, "x", None)
        self.assertEqual(self.program.expect("run")["args"], [1, "x", None])

    def test_options_are_handed_on(self):
        self.program.provide("any")
        self.client.spawn("any", options={"deep": [1, {"a": None}]})
        self.assertEqual(self.program.expect("run")["options"],
                         {"deep": [1, {"a": None}]})

    def test_a_later_provide_replaces(self):
        self.program.provide("a", "b")
        task = self.client.spawn("a")
        self.assertEqual(self.program.expect("run")["function"], "a")
        self.program.provide("b", "c")
        self.assert_error("NoSuchFunction", self.client.spawn, "a")
        self.client.spawn("b")
        self.client.spawn("c")
        runs = [self.program.expect("run") for _ in range(2)]
        self.assertEqual([run["function"] for run in runs], ["b", "c"])
        self.program.end(task, "still")
        self.assertEqual(self.client.call("join", task=task), "still")
        self.program.provide()
        self.assertLessEqual({"a", "b", "c"} & set(self.functions()), set())

    def test_one_that_is_wrong_changes_nothing(self):
        good = {"name": "good", "summary": "x"}
        self.program.provide("old")

        def argument(**members):
            return {**good, "name": "x", "arguments": [
                {"name": "first"}, {"name": "a", **members}, {"name": "b"}]}
        for wrong, words in (
                (1, "functions[1]: must be an object"),
                ({}, "functions[1].name: missing"),
                ({"name": "x"}, "functions[1].summary: missing"),
                ({"name": "7", "summary": "x"}, "functions[1].name: must"),
                ({"name": "x" * 256, "summary": "x"}, "functions[1].name: m"),
                ({"name": "x", "summary": "x" * 1025},
                 "functions[1].summary: must"),
                ({"name": "x", "summary": None}, "functions[1].summary: mu"),
                ({"name": "x", "summary": "x", "nonsense": 1},
                 "functions[1].nonsense: no such"),
                (good, '"good" is there twice'),
                ({**good, "name": "x", "arguments": {}},
                 "functions[1].arguments: must be an array"),
                ({**good, "name": "x", "arguments": [1]},
                 "functions[1].arguments[0]: must be an object"),
                (argument(type="bool"),
                 "functions[1].arguments[1].type: must be one of"),
                (argument(type="bytes"),
                 "functions[1].arguments[1].type: must be one of"),
                (argument(repeat=1),
                 "functions[1].arguments[1].repeat: must be"),
                (argument(repeat=True),
                 "functions[1].arguments[1].repeat: only of the last"),
                (argument(x=1), "functions[1].arguments[1].x: no such")):
            with self.subTest(words):
                self.assertIn(words, str(self.assert_error(
                    "InvalidParams", self.program.provide, good, wrong)))
        for name in ("sum", "exec", "echo"):
            if name in self.functions():
                self.assertIn("functions[1].name", str(self.assert_error(
                    "AlreadyExists", self.program.provide, good, name)))
        self.assertNotIn("good", self.functions())
        self.assertIn("old", self.functions())

    def test_so_many_and_no_more(self):
        names = [f"f{i}" for i in range(1025)]
        error = self.assert_error("LimitExceeded", self.program.provide,
                                  *names)
        self.assertEqual(error.data["limit"], "functions")
        self.program.provide(*names[1:])
        self.assertLessEqual(set(names[1:]), set(self.functions()))


class TestTurns(ProvideTest):
    def test_are_taken(self):
        others = [self.connect_program() for _ in range(2)]
        all_three = [self.program, *others]
        for program in all_three:
            program.provide("f")
        tasks = [self.client.spawn("f") for _ in range(9)]
        for i, task in enumerate(tasks):
            self.assertEqual(all_three[i % 3].expect("run")["task"], task)

    def test_a_provider_that_goes_fails_its_runs_alone(self):
        other = self.connect_program()
        self.program.provide("f")
        other.provide("f")
        mine, theirs = self.client.spawn("f"), self.client.spawn("f")
        self.assertEqual(other.expect("run")["task"], theirs)
        self.program.close()
        cause = self.assert_join_error("failed", self.client.call, "join",
                                       task=mine)
        self.assertEqual(cause["message"],
                         "the program that hosted it went away")
        for _ in range(3):
            task = self.client.spawn("f")
            self.assertEqual(other.expect("run")["task"], task)
        other.end(theirs, 1)
        self.assertEqual(self.client.call("join", task=theirs), 1)

    def test_a_run_is_its_own_programs(self):
        other = self.connect_program()
        self.program.provide("f")
        other.provide("f")
        task = self.client.spawn("f")
        self.program.expect("run")
        self.assert_error("PermissionDenied", other.end, task)

    def test_the_newest_says_what_the_arguments_are(self):
        other = self.connect_program()
        self.program.provide(COUNT)
        other.provide("words.count")
        self.client.spawn("words.count")
        other.close()
        eventually(lambda: self.functions()["words.count"]["summary"] ==
                   "Counts words.")
        self.assert_error("InvalidParams", self.client.spawn, "words.count")

    def test_when_none_is_left(self):
        self.program.provide("f")
        self.program.close()
        eventually(lambda: "f" not in self.functions())
        self.assert_error("NoSuchFunction", self.client.spawn, "f")


class TestRuns(ProvideTest):
    def test_later(self):
        self.program.provide("f")
        task = self.client.call("later", function="f", seconds=0.01)["id"]
        self.assertEqual(self.run_once(self.program, 3), task)
        self.assertEqual(self.client.call("join", task=task), 3)

    def test_each_run_of_what_recurs_is_told(self):
        other = self.connect_program()
        self.program.provide("f")
        other.provide("f")
        task = self.client.call("interval", function="f", args=[1],
                                seconds=0.001, max_runs=4)["id"]
        for i, program in enumerate((self.program, other) * 2):
            self.assertEqual(self.run_once(program, i), task)
        self.assertEqual(self.client.call("join", task=task), 3)

    def test_a_run_that_fails_is_counted(self):
        self.program.provide("f")
        task = self.client.call("loop", function="f", max_failures=1)["id"]
        self.run_once(self.program)
        self.assertEqual(self.program.expect("run")["task"], task)
        self.program.fail(task, "no")
        self.assert_join_error("failed", self.client.call, "join", task=task)
        shown = self.client.call("show", task=task)
        self.assertEqual((shown["runs"], shown["failures"]), (2, 1))

    def test_the_run_under_way_fails_when_its_program_goes(self):
        self.program.provide("f")
        task = self.client.call("interval", function="f", seconds=0.001)["id"]
        self.program.expect("run")
        other = self.connect_program()
        other.provide("f")
        self.program.close()
        self.assertEqual(other.expect("run")["task"], task)
        row = next(row for row in self.client.rows("list", name="f")
                   if row["id"] == task)
        self.assertEqual((row["runs"], row["failures"]), (1, 1))
        self.assertEqual(row["last_error"]["message"],
                         "the program that hosted it went away")

    def test_a_run_that_nobody_provides_any_more_fails(self):
        self.program.provide("f")
        task = self.client.call("interval", function="f", seconds=0.05,
                                max_failures=2)["id"]
        self.run_once(self.program)
        self.program.close()
        cause = self.assert_join_error("failed", self.client.call, "join",
                                       task=task)
        self.assertEqual(cause["code"], 9)
        self.assertIn('no program provides the function "f" any more',
                      cause["message"])
        shown = self.client.call("show", task=task)
        self.assertEqual((shown["runs"], shown["failures"]), (3, 2))

    def test_a_cancel_between_runs_is_none_of_its_programs(self):
        self.program.provide("f")
        task = self.client.call("interval", function="f", seconds=1e6,
                                immediate=True)["id"]
        self.run_once(self.program)
        self.client.call("cancel", task=task)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task)
        self.assertTrue(self.program.is_told_nothing())
        self.assert_error("NoSuchTask", self.program.end, task)

    def test_a_finish_between_runs_is_denied(self):
        self.program.provide("f")
        task = self.client.call("interval", function="f", seconds=1e6,
                                immediate=True)["id"]
        self.run_once(self.program)
        self.assert_error("PermissionDenied", self.program.end, task)

    def test_rerun(self):
        self.program.provide(COUNT)
        task = self.client.spawn("words.count", "a b")
        self.run_once(self.program)
        again = self.client.call("rerun", task=task)["id"]
        run = self.program.expect("run")
        self.assertEqual((run["task"], run["args"]), (again, ["a b"]))
        self.program.close()
        eventually(lambda: "words.count" not in self.functions())
        self.assert_error("NoSuchFunction", self.client.call, "rerun",
                          task=task)

    def test_what_is_paused_before_it_runs_is_not_told(self):
        self.program.provide("f")
        parent = self.client.spawn("sleep", 1e9)
        self.client.call("pause", task=parent)
        task = self.client.spawn("f", parent=parent)
        self.assertTrue(self.program.is_told_nothing())
        self.client.call("resume", task=parent)
        self.assertEqual(self.run_once(self.program), task)

    def test_cancelled(self):
        self.program.provide("f")
        task = self.client.call("loop", function="f")["id"]
        self.program.expect("run")
        self.client.call("cancel", task=task, reason="enough")
        self.assertEqual(self.program.expect("cancel"), {
            "task": task, "reason": "enough", "grace": 5})
        self.program.end(task, 1)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=task)


def in_time(test):
    """A test that answers the daemon, which waits for a second: it is begun
    anew where it took longer."""
    @functools.wraps(test)
    def tried(self):
        for _ in range(20):
            begun = time.monotonic()
            try:
                return test(self)
            except (AssertionError, KeyError):
                if time.monotonic() - begun < 1:
                    raise
            self.doCleanups()
            self.setUp()
        raise AssertionError("it always took over a second")
    return tried


class TestDescribe(ProvideTest):
    def ask(self, task):
        """A `show` under way, and what the program is asked for it."""
        show = self.client.start("show", task=task)
        question = self.program.next()
        self.assertEqual(question["method"], "describe")
        self.assertEqual(question["params"], {"task": task})
        self.assertRegex(question["id"], "^d[0-9]+$")
        return show, question

    def test_what_the_program_says_is_shown(self):
        task = self.program.host(args=[1])
        show, question = self.ask(task)
        said = {"state": "waiting", "line": "a.lua:12", "x": [None, 0.1, "é"]}
        self.program.answer(question, result=said)
        shown = self.client.finish(show)
        self.assertEqual(shown["describe"], said)
        self.assertEqual(shown["host"], self.own(self.program))
        self.assertEqual((shown["state"], shown["args"]), ("running", [1]))

    def test_rows_are_not_asked_for(self):
        task = self.program.host()
        self.client.call("tree")
        self.client.call("list")
        row = self.client.call("children", task=self.own(self.program))[0]
        self.assertEqual(row["id"], task)
        self.assertLessEqual({"host", "describe"} & set(row), set())
        self.assertTrue(self.program.is_told_nothing())

    def test_who_does_not_answer_is_shown_without(self):
        task = self.program.host()
        before = time.monotonic()
        shown = self.client.call("show", task=task)
        self.assertGreaterEqual(time.monotonic() - before, 1)
        self.assertIsNone(shown["describe"])
        self.assertEqual(shown["host"], self.own(self.program))

    def test_a_late_answer_is_dropped(self):
        task = self.program.host()
        show, question = self.ask(task)
        self.client.finish(show)
        self.program.answer(question, result={})
        self.assertEqual(self.program.call("ping"), "pong")
        self.assertEqual(self.program.early, {})

    def test_a_second_answer_is_dropped(self):
        task = self.program.host()
        show, question = self.ask(task)
        self.program.answer(question, result={"a": 1})
        self.program.answer(question, result={"a": 2})
        self.assertEqual(self.client.finish(show)["describe"], {"a": 1})
        self.assertEqual(self.program.call("ping"), "pong")
        self.assertEqual(self.program.early, {})

    def test_what_is_no_description_is_none(self):
        task = self.program.host()
        for reply in ({"result": 1}, {"result": []}, {"result": None},
                      {"error": {"code": 1, "message": "no"}}):
            show, question = self.ask(task)
            self.program.answer(question, **reply)
            self.assertIsNone(self.client.finish(show)["describe"])

    def test_what_is_no_reply_is_an_invalid_request(self):
        """And the question stays."""
        task = self.program.host()
        show, question = self.ask(task)
        other = self.connect_program()
        other.host()
        for program, reply in (
                (self.program, {"id": "d999", "result": {}}),
                (self.program, {"id": "d0", "result": {}}),
                (self.program, {"id": "d-1", "result": {}}),
                (self.program, {"id": "d01", "result": {}}),
                (self.program, {"id": "d1x", "result": {}}),
                (self.program, {"id": "d1\u0000", "result": {}}),
                (self.program, {"id": "d" + "9" * 40, "result": {}}),
                (self.program, {"id": 1, "result": {}}),
                (self.program, {"result": {}}),
                (self.program, {"id": question["id"]}),
                (self.program, {"id": question["id"], "error": 1}),
                (self.program, {"id": question["id"], "result": {},
                                "error": {"code": 1, "message": "x"}}),
                (self.client, {"id": question["id"], "result": {}}),
                (other, {"id": question["id"], "result": {}})):
            program.send_json({"jsonrpc": "2.0", **reply})
            if program is self.client:
                refusal = program.read()
            else:
                refusal = program.read_reply()
            self.assertEqual(refusal["error"]["code"], -32600, reply)
        self.program.answer(question, result={"still": True})
        self.assertEqual(self.client.finish(show)["describe"],
                         {"still": True})

    def test_each_who_asks_gets_an_answer_of_its_own(self):
        tasks = [self.program.host() for _ in range(3)]
        shows = [self.client.start("show", task=task)
                 for task in tasks for _ in range(2)]
        questions = [self.program.next() for _ in shows]
        self.assertEqual(len({one["id"] for one in questions}), len(shows))
        for question in reversed(questions):
            self.program.answer(question, result={"for": question["id"]})
        answers = [self.client.finish(show) for show in shows]
        self.assertEqual([one["id"] for one in answers],
                         [task for task in tasks for _ in range(2)])
        self.assertEqual([one["describe"]["for"] for one in answers],
                         [one["id"] for one in questions])

    def test_the_answers_in_a_batch(self):
        task = self.program.host()
        asked = [self.ask(task) for _ in range(2)]
        self.program.send_json([
            {"jsonrpc": "2.0", "id": question["id"], "result": {"i": i}}
            for i, (_, question) in enumerate(asked)])
        self.assertEqual([self.client.finish(show)["describe"]
                          for show, _ in asked], [{"i": 0}, {"i": 1}])
        self.assertEqual(self.program.call("ping"), "pong")
        self.assertEqual(self.program.early, {})

    def test_as_long_as_a_message(self):
        task = self.program.host()
        show, question = self.ask(task)
        said = {"traceback": "x" * (2**20 - 200)}
        self.program.answer(question, result=said)
        self.assertEqual(self.client.finish(show)["describe"], said)

    def test_a_task_that_ends_meanwhile_is_shown_as_it_is(self):
        task = self.program.host()
        show, _ = self.ask(task)
        self.program.end(task, 1)
        shown = self.client.finish(show)
        self.assertEqual((shown["state"], shown["result"]), ("done", 1))
        self.assertLessEqual({"host", "describe"} & set(shown), set())

    def test_a_program_that_goes_meanwhile(self):
        task = self.program.host()
        show, _ = self.ask(task)
        self.program.close()
        self.assertEqual(self.client.finish(show)["state"], "failed")

    def test_who_asked_may_go(self):
        task = self.program.host()
        _, question = self.ask(task)
        self.client.close()
        self.client = self.connect()
        self.program.answer(question, result={})
        self.assertEqual(self.program.call("ping"), "pong")

    def test_the_program_may_ask_itself(self):
        task = self.program.host()
        show = self.program.start("show", task=task)
        question = self.program.next()
        self.program.answer(question, result={"by": "me"})
        self.assertEqual(self.program.finish(show)["describe"], {"by": "me"})

    def test_of_one_that_runs_a_provided_function(self):
        self.program.provide("f")
        task = self.client.spawn("f")
        self.program.expect("run")
        show, question = self.ask(task)
        self.program.answer(question, result={})
        self.assertEqual(self.client.finish(show)["host"],
                         self.own(self.program))


for name, test in list(vars(TestDescribe).items()):
    if name.startswith("test_"):
        setattr(TestDescribe, name, in_time(test))

if __name__ == "__main__":
    unittest.main()
