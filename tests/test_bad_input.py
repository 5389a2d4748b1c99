#!/usr/bin/env python3
"""What is not JSON, no request, or no params of the method: each gets an error
that says what was wrong, and the connection goes on."""

import json
import unittest

from daemon import DaemonTest, line, request


def nested(levels):
    """A ping with params so that arrays and objects nest that deep."""
    return (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' +
            b"[" * (levels - 1) + b"]" * (levels - 1) + b"}")


PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'

NOT_JSON = {
    "a word": b"hello",
    "a half": b'{"jsonrpc":"2.0",',
    "a closing bracket": b"]",
    "two texts": PING + PING,
    "garbage after": PING + b" x",
    "a trailing comma": b'{"jsonrpc":"2.0","id":1,"method":"ping",}',
    "a comment": PING + b"// ping",
    "single quotes": b"{'jsonrpc':'2.0'}",
    "a byte order mark": b"\xef\xbb\xbf" + PING,
    "NaN": b"[NaN]",
    "Infinity": b"[Infinity]",
    "a leading zero": b"[01]",
    "hexadecimal": b"[0x1]",
    "a real that overflows": b"[1e999]",
    "2^63": b"[9223372036854775808]",
    "-2^63 - 1": b"[-9223372036854775809]",
    "a NUL byte": b"\0",
    "a NUL byte before": b"\0" + PING,
    "a NUL byte after": PING + b"\0",
    "a NUL byte in a string": b'["a\0b"]',
    "U+0000 in a key": b'{"a\\u0000b":1}',
    "a control character in a string": b'["a\x01b"]',
    "a CR in a string": b'["a\rb"]',
    "a byte that is not UTF-8": b'["\xff"]',
    "not UTF-8 outside a string": b"\xff\xfe" + PING,
    "an overlong form": b'["\xc0\x80"]',
    "a surrogate": b'["\xed\xa0\x80"]',
    "half of an escaped surrogate pair": b'["\\ud800"]',
    "over U+10FFFF": b'["\xf4\x90\x80\x80"]',
    "a cut character": b'["\xe2\x82"]',
    "a duplicate key": b'{"id":1,"id":1,"method":"ping","jsonrpc":"2.0"}',
    "a duplicate key deep inside": b'[[[{"a":1,"b":2,"a":3}]]]',
    "nesting of 513": nested(513),
    "nesting of 2,500": nested(2500),
    "nesting of 500,000": nested(500000),
    "nesting that never closes": b"[" * 100000,
}

NO_REQUEST = {
    "a number": b"1",
    "a string": b'"ping"',
    "null": b"null",
    "true": b"true",
    "an empty object": b"{}",
    "no version": b'{"id":1,"method":"ping"}',
    "version 1.0": b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
    "a version that is a number": b'{"jsonrpc":2.0,"id":1,"method":"ping"}',
    "a version with U+0000":
        b'{"jsonrpc":"2.0\\u0000","id":1,"method":"ping"}',
    "no method": b'{"jsonrpc":"2.0","id":1}',
    "a method that is null": b'{"jsonrpc":"2.0","id":1,"method":null}',
    "a method with U+0000": b'{"jsonrpc":"2.0","id":1,"method":"ping\\u0000"}',
    "a method that is an array": b'{"jsonrpc":"2.0","id":1,"method":[]}',
    "params that are a string":
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}',
    "params that are null":
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
    "an id that is true": b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
    "an id that is an object": b'{"jsonrpc":"2.0","id":{},"method":"ping"}',
    "an id that is an array": b'{"jsonrpc":"2.0","id":[1],"method":"ping"}',
}


class BadInputTest(DaemonTest):
    def error_of(self, text):
        """The error that a line gets, with the id it is sent to."""
        self.client.send(text + b"\n")
        reply = self.client.read()
        self.assertEqual(set(reply), {"jsonrpc", "id", "error"})
        return reply["error"], reply["id"]

    def assert_goes_on(self):
        self.assertEqual(self.client.call("ping"), "pong")


class TestLines(BadInputTest):
    def test_what_is_not_json_is_a_parse_error(self):
        for name, text in NOT_JSON.items():
            with self.subTest(name):
                error, request_id = self.error_of(text)
                self.assertEqual(error["code"], -32700)
                self.assertEqual(error["data"]["type"], "ParseError")
                self.assertIsNone(request_id)
                self.assert_goes_on()

    def test_what_is_no_request_is_an_invalid_request(self):
        for name, text in NO_REQUEST.items():
            with self.subTest(name):
                error, request_id = self.error_of(text)
                self.assertEqual(error["code"], -32600)
                self.assertEqual(error["data"]["type"], "InvalidRequest")
                self.assertIn(request_id, (1, None))
                self.assert_goes_on()

    def test_a_parse_error_says_where(self):
        error, _ = self.error_of(b'{"jsonrpc":"2.0",?')
        self.assertIn("byte 18", error["message"])

    def test_nesting_of_512_is_read(self):
        error, _ = self.error_of(nested(512))
        self.assertIn("by name", error["message"])

    def test_an_argument_nested_to_the_bound_comes_back(self):
        value = []
        for _ in range(508):
            value = [value]
        task = self.client.spawn("echo", value)
        self.assertEqual(self.client.call("join", task=task), [value])
        self.assertEqual(self.client.call("show", task=task)["args"], [value])


class TestMethods(BadInputTest):
    def test_an_unknown_one_is_named(self):
        for method in ("nothing", "", "Ping", "ping ", "rpc.x", "é",
                       "x" * 100000):
            with self.subTest(method[:20]):
                error, request_id = self.error_of(
                    line(request(method, id=7)).strip())
                self.assertEqual(error["code"], -32601)
                self.assertEqual(error["data"]["type"], "MethodNotFound")
                self.assertIn(method[:100], error["message"])
                self.assertLess(len(error["message"]), 300)
                self.assertEqual(request_id, 7)

    def test_an_unknown_function_is_named(self):
        for function in ("nothing", "", "client", "taskletd", "Sum"):
            error = self.assert_error("NoSuchFunction", self.client.spawn,
                                      function)
            self.assertEqual(error.code, 7)
            self.assertIn(f'"{function}"', str(error))


# Values that a param of a type is not. Out of range is wrong as well.
STRING = [None, True, 1, [], {}, "a\u0000b"]
NAME = STRING + ["", "x" * 256, "é" * 128, "7", "0123456789" * 5, "\n",
                 "a\tb", "\u001b[31mred", "a\u007f", "\u0085", "\u009b1m"]
ARRAY = [None, False, 1, "[]", {}]
OBJECT = [None, False, 1, "{}", []]
BOOLEAN = [None, 0, 1, "true", [], {}]
SECONDS = [None, True, "1", [], {}, -1, -1e-9, -2**63, 1e308, -1e308,
           1000000000.5, 2**63 - 1]
TASK = [None, True, 1.5, 1e300, [], {}, [7]]
TASKS = [None, True, 7, "x", {}, [None], [7, 1.5], [[7]], [{}]]
TASK_OR_TASKS = [None, True, 1.5, {}, [None], [7, 1.5], [[7]], [{}]]
ONE_OF = [None, True, 0, [], {}, "", "Detach", "al", "detach\u0000", "all "]
DATA = [None, True, 1, [], {}, {"base64": 1}, {"base64": "@"},
        {"base64": "AA==", "x": 1}, {"base64": "A"}]
SIGNAL = [None, True, 0, -1, 65, 1.5, [], {}, "", "term", "SIG", "TERM\u0000"]


def integer(least, most):
    return [None, True, "1", [], {}, 1.0, 1e308, least - 1, -2**63,
            *([most + 1, 2**63 - 1] if most < 2**63 - 1 else [])]


CURSOR = integer(1, 2**63 - 1)
RETRY = [None, True, 1, "x", [], {}, {"times": -1}, {"times": 1.5},
         {"times": None}, {"times": 1, "nonsense": 1}, {"backoff": 1},
         {"times": 1, "backoff": -1}, {"times": 1, "max_backoff": 1e10}]

# What each method that starts a task takes.
STARTS = {"function": STRING, "args": ARRAY, "options": OBJECT, "name": NAME,
          "parent": TASK, "timeout": SECONDS, "scope": ONE_OF,
          "unique": BOOLEAN, "run_timeout": SECONDS, "pool": NAME,
          "weight": integer(1, 10**6), "after": TASK_OR_TASKS,
          "after_ok": TASK_OR_TASKS}
RUNS = {"max_runs": integer(1, 2**63 - 1), "max_failures":
        integer(1, 2**63 - 1)}

# For each method: params that are right, those of them it must have, and
# values that each of its params is not.
METHODS = {
    "attach": ({"task": 1}, ["task"], {"task": TASK, "instance": STRING}),
    "call": ({"task": 1, "body": 1}, ["task", "body"],
             {"task": TASK, "timeout": SECONDS, "from": TASK}),
    "cancel": ({"task": 1}, [],
               {"task": TASK, "tasks": TASKS, "only": BOOLEAN,
                "reason": STRING, "signal": SIGNAL, "grace": SECONDS}),
    "children": ({}, [], {"task": TASK}),
    "current": ({}, [], {}),
    "finish": ({"task": 1, "result": 1}, ["task"],
               {"task": TASK, "error": OBJECT}),
    "functions": ({}, [], {}),
    "host": ({}, [],
             {"function": NAME, "args": ARRAY, "name": NAME, "parent": TASK,
              "timeout": SECONDS, "scope": ONE_OF}),
    "join": ({"tasks": [1]}, [],
             {"task": TASK, "tasks": TASKS, "mode": ONE_OF,
              "timeout": SECONDS}),
    "interval": ({"function": "echo", "seconds": 0}, ["function", "seconds"],
                 {**STARTS, **RUNS, "seconds": SECONDS, "immediate": BOOLEAN}),
    "later": ({"function": "echo", "seconds": 0}, ["function", "seconds"],
              {**STARTS, "seconds": SECONDS}),
    "list": ({}, [],
             {"state": ONE_OF, "name": STRING, "function": STRING,
              "finished": BOOLEAN, "limit": integer(1, 10000),
              "after": CURSOR}),
    "output": ({"task": 1}, ["task"],
               {"task": TASK, "after": integer(0, 2**63 - 1),
                "limit": integer(4, 2**20), "stream": ONE_OF,
                "encoding": ONE_OF, "follow": BOOLEAN}),
    "parent": ({}, [], {"task": TASK}),
    "ping": ({}, [], {}),
    "provide": ({"functions": []}, ["functions"], {"functions": ARRAY}),
    "pool": ({"name": "a"}, [],
             {"name": NAME, "size": integer(0, 10**6)}),
    "show": ({"task": 1}, ["task"], {"task": TASK}),
    "shutdown": ({}, [], {}),
    "sleep": ({"seconds": 0}, ["seconds"], {"seconds": SECONDS}),
    "spawn": ({"function": "echo"}, ["function"],
              {**STARTS, "retry": RETRY}),
    "stats": ({}, [], {}),
    "tree": ({}, [],
             {"task": TASK, "depth": integer(0, 2**63 - 1),
              "limit": integer(1, 10000), "after": CURSOR}),
    "version": ({}, [], {}),
    "subscribe": ({}, [], {"what": [None, True, 1, "created", {}, ["x"],
                                    ["created\u0000"], [["created"]]],
                           "task": TASK, "name": STRING + ["x" * 256]}),
    "unsubscribe": ({}, [], {}),
    "reload": ({}, [], {}),
    "send": ({"task": 1, "body": 1}, ["task", "body"],
             {"task": TASK, "from": TASK}),
    "receive": ({}, [], {"task": TASK, "timeout": SECONDS}),
    "reply": ({"call": 1, "result": 1}, ["call"],
              {"call": CURSOR, "error": OBJECT}),
    "write": ({"task": 1}, ["task"],
              {"task": TASK, "data": DATA, "eof": BOOLEAN}),
}


def quoted(value):
    """The text of a value as a message has it."""
    if isinstance(value, float):
        return ""  # the digits may differ
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > 200:
        return ""  # it is cut
    return text.replace("\\u001b", "\\u001B")


class TestWrongParams(BadInputTest):
    def setUp(self):
        super().setUp()
        self.before = self.counters()

    def tearDown(self):
        self.assertEqual(self.counters(), self.before)
        super().tearDown()

    def counters(self):
        """What a request that is refused does not change."""
        stats = self.client.call("stats")
        return stats["spawned"], stats["finished"]["cancelled"]

    def assert_refused(self, params, method, *words):
        """The params are refused in a message that has those words."""
        with self.subTest(method=method, params=str(params)[:100]):
            error = self.assert_error("InvalidParams", self.client.call,
                                      method, **params)
            self.assertEqual(error.code, -32602)
            for word in words:
                self.assertIn(word, str(error))
            self.assertLess(len(str(error)), 500)

    def test_a_wrong_one_is_named_with_its_value(self):
        for method, (right, _, types) in METHODS.items():
            for name, wrong in types.items():
                for value in wrong:
                    self.assert_refused({**right, name: value}, method,
                                        f"{name}: ", quoted(value))

    def test_one_that_is_missing_is_named(self):
        for method, (right, required, _) in METHODS.items():
            for name in required:
                params = {**right}
                del params[name]
                self.assert_refused(params, method, f"{name}: missing", method)

    def test_one_that_is_unknown_is_named(self):
        for method, (right, _, types) in METHODS.items():
            for name in ("nonsense", "", "é" * 500, *(
                    known.upper() for known in types)):
                self.assert_refused({**right, name: 1}, method,
                                    name[:90], method, *types)

    def test_positional_ones_are_refused(self):
        for method in METHODS:
            for params in ([], [1], [{"task": 1}]):
                error, request_id = self.error_of(
                    line(request(method, params, id=1)).strip())
                self.assertEqual(error["code"], -32602)
                self.assertIn("by name", error["message"])
                self.assertEqual(request_id, 1)

    def test_those_that_exclude_each_other_are_refused(self):
        self.assert_refused({"task": 1}, "finish", "one of result and error")
        self.assert_refused({"task": 1, "result": None, "error": {}}, "finish",
                            "one of result and error")
        for method, words in (("join", "one of task and tasks"),
                              ("cancel", "one of task and tasks")):
            self.assert_refused({}, method, words)
            self.assert_refused({"task": 1, "tasks": [1]}, method, words)
        self.assert_refused({"task": 1, "mode": "all"}, "join", "mode")
        self.assert_refused({"tasks": [], "mode": "any"}, "join", "tasks")
        self.assert_refused({"task": 1, "follow": True, "limit": 4}, "output",
                            "limit", "follow")

    def test_those_that_go_with_another_are_refused_without_it(self):
        self.assert_refused({"function": "echo", "weight": 1}, "spawn",
                            "weight: goes with pool")
        self.assert_refused({"size": 1}, "pool", "size: goes with name")

    def test_an_option_that_the_function_does_not_have_is_named(self):
        self.assert_refused({"function": "echo", "options": {"nonsense": 1}},
                            "spawn", "nonsense", "echo")


class TestRightParams(BadInputTest):
    def test_the_ends_of_a_range_are_within(self):
        task = self.client.spawn("sleep", 0)
        self.client.call("join", task=task)
        for seconds in (0, -0.0, 1e-300, 1e9, 1000000000):
            self.client.call("join", task=task, timeout=seconds)
        for limit in (1, 10000):
            self.client.call("tree", limit=limit)
            self.client.call("list", limit=limit)
        for after in (0, 2**63 - 1):
            self.client.call("output", task=task, after=after)
        self.client.call("tree", depth=2**63 - 1)


class TestArguments(BadInputTest):
    CASES = (
        ("sum", ["1"], "numbers 1 of sum", '"1"'),
        ("sum", [1, 2, None], "numbers 3 of sum", "null"),
        ("sum", [True], "numbers 1 of sum", "true"),
        ("sleep", ["1"], "seconds 1 of sleep", '"1"'),
        ("sleep", [], "sleep takes seconds", "0 arguments"),
        ("sleep", [1, 2], "sleep takes seconds", "2 arguments"),
        ("fail", [7], "message 1 of fail", "7"),
        ("fail", [], "fail takes message", "0 arguments"),
    )

    def test_those_of_the_wrong_type_or_count_are_refused_at_spawn(self):
        for function, args, *words in self.CASES:
            with self.subTest(function=function, args=args):
                error = self.assert_error("InvalidParams", self.client.spawn,
                                          function, *args)
                self.assertEqual(error.code, -32602)
                self.assertTrue(str(error).startswith("args: "), error)
                for word in words:
                    self.assertIn(word, str(error))

    def test_those_out_of_range_fail_the_task(self):
        for function, *args in (
                ("sleep", -1), ("sleep", 1e308), ("sleep", 2**63 - 1),
                ("sum", 2**63 - 1, 1), ("sum", -2**63, -1),
                ("sum", 1.7e308, 1.7e308)):
            with self.subTest(function=function, args=args):
                task = self.client.spawn(function, *args)
                cause = self.assert_join_error(
                    "failed", self.client.call, "join", task=task)
                self.assertEqual(cause["code"], 9)
                self.assertEqual(cause["data"]["type"], "FunctionError")


class TestTasksThatAreNotThere(BadInputTest):
    NOBODY = (0, -1, -2**63, 2**63 - 1, "nobody", "", "1", "a\u0000b",
              "client", "x" * 10000)
    CALLS = (
        ("cancel", "task"), ("children", "task"), ("finish", "task"),
        ("host", "parent"), ("join", "task"), ("output", "task"),
        ("parent", "task"), ("show", "task"), ("spawn", "parent"),
        ("tree", "task"))

    def assert_no_such_task(self, nobody, method, /, **params):
        with self.subTest(method=method, task=str(nobody)[:20]):
            error = self.assert_error("NoSuchTask", self.client.call, method,
                                      **params)
            self.assertEqual(error.code, 3)
            self.assertEqual(error.data["task"], nobody)
            self.assertIn(json.dumps(nobody)[:100], str(error))
            self.assertLess(len(str(error)), 300)

    def test_one_asked_for_is_named(self):
        for nobody in self.NOBODY:
            for method, param in self.CALLS:
                right = (METHODS[method][0] if method in ("spawn", "finish")
                         else {})
                self.assert_no_such_task(nobody, method,
                                         **{**right, param: nobody})

    def test_one_among_several_is_named_and_nothing_is_done(self):
        task = self.client.spawn("sleep", 1e9)
        for nobody in self.NOBODY:
            for method in ("cancel", "join"):
                self.assert_no_such_task(nobody, method, tasks=[task, nobody])
        self.assertEqual(self.client.call("show", task=task)["state"],
                         "sleeping")


if __name__ == "__main__":
    unittest.main()
