#!/usr/bin/env python3
"""Tasks at start: what files say is done, what is wrong in them is told, and
reload reads what is new."""

import json
import os
import shutil
import signal
import tempfile
import unittest

from daemon import Daemon, RpcError, eventually, request

ROOT = 1


class BootTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tasks.d.")
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, *lines):
        """A file of requests, or of lines as they are."""
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            for one in lines:
                if isinstance(one, dict):
                    one = json.dumps(one).encode()
                file.write(one + b"\n")
        return path

    def start(self, folder=None):
        self.daemon = Daemon(options=("--tasks", folder or self.folder))
        self.addCleanup(self.daemon.kill)
        self.client = self.daemon.await_ready()
        self.addCleanup(self.client.close)
        self.client.call("ping")  # by now the files were read

    def stop(self):
        self.daemon.signal(signal.SIGTERM)
        self.daemon.process.wait()

    def names(self):
        return [row["name"] for row in self.client.rows("list", finished=False)
                if row["function"] not in ("client", "taskletd")]

    @staticmethod
    def spawn(name, **params):
        return request("spawn", {"function": "sleep", "args": [1e9],
                                 "name": name, **params})


class TestStart(BootTest):
    def test_in_the_order_of_names_and_lines(self):
        self.write("20.jsonl", self.spawn("c"))
        self.write("10.jsonl", self.spawn("a"), b"", b"# no request",
                   b"  \t\r", self.spawn("b"))
        self.write("15.json", self.spawn("not read"))
        self.write(".hidden.jsonl", self.spawn("not read"))
        self.start()
        self.assertEqual(self.names(), ["a", "b", "c"])
        for name in "abc":
            self.assertEqual(self.client.call("show", task=name)["parent"],
                             ROOT)

    def test_what_recurs(self):
        self.write("x.jsonl",
                   request("interval", {"function": "echo", "seconds": 1000,
                                        "name": "i"}, id=7),
                   request("later", {"function": "echo", "seconds": 1000,
                                     "name": "l"}),
                   request("rate", {"function": "echo", "hertz": 1e-9,
                                    "name": "r"}),
                   request("spawn", {"function": "exec", "name": "e",
                                     "args": ["sleep", "1000"]}))
        self.start()
        self.assertEqual(self.names(), ["i", "l", "r", "e"])

    def test_no_folder(self):
        self.start(os.path.join(self.folder, "missing"))
        self.assertEqual(self.names(), [])
        self.assertIn("missing: No such file", self.daemon.log())

    def test_a_last_line_without_its_end(self):
        with open(self.write("x.jsonl"), "wb") as file:
            file.write(json.dumps(self.spawn("a")).encode())
        self.start()
        self.assertEqual(self.names(), ["a"])


class TestWrong(BootTest):
    LINES = (
        (b"{", "Parse error"),
        (b"[]", "Invalid Request"),
        (b"7", "Invalid Request"),
        (b'{"jsonrpc":"2.0","method":"ping"}', "ping: only "),
        (b'{"jsonrpc":"2.0","method":"nonsense"}', "nonsense: only "),
        (b'{"jsonrpc":"2.0","method":"spawn"}', "function: missing"),
        (b'{"jsonrpc":"2.0","method":"spawn","params":{"function":"no"}}',
         "there is no function"),
        (b"\xff", "Parse error"),
        (b'"' + 1100000 * b"x" + b'"', "the line is too long"),
    )

    def assert_errors(self, errors, path):
        self.assertEqual([(one["file"], one["line"]) for one in errors],
                         [(path, 2 * i + 2) for i in range(len(self.LINES))])
        for error, (_, message) in zip(errors, self.LINES):
            self.assertIn(message, error["message"])

    def test_each_wrong_line_is_told_and_the_rest_goes_on(self):
        lines = [one for i, (line, _) in enumerate(self.LINES)
                 for one in (self.spawn(f"t{i}"), line)]
        self.start()
        path = self.write("x.jsonl", *lines)
        result = self.client.call("reload")
        self.assertEqual(result["done"], len(self.LINES))
        self.assert_errors(result["errors"], path)
        self.assertEqual(self.names(),
                         [f"t{i}" for i in range(len(self.LINES))])
        for i, (_, message) in enumerate(self.LINES):
            self.assertIn(f"{path}:{2 * i + 2}: ", self.daemon.log())

    def test_what_is_no_file_of_lines(self):
        self.start()
        os.mkdir(os.path.join(self.folder, "a.jsonl"))
        os.mkfifo(os.path.join(self.folder, "b.jsonl"))
        os.symlink("nowhere", os.path.join(self.folder, "c.jsonl"))
        with open(os.path.join(self.folder, "d.jsonl"), "wb") as file:
            file.truncate(17 * 1024 * 1024)
        self.write("e.jsonl", b"\0")
        self.write("f.jsonl", self.spawn("good"))
        os.mkdir(os.path.join(os.fsencode(self.folder), b"g\xff.jsonl"))
        result = self.client.call("reload")
        self.assertEqual([one["message"] for one in result["errors"]], [
            "it is no regular file", "it is no regular file",
            "No such file or directory", "it is over 16 MiB",
            "it holds a NUL byte", "it is no regular file"])
        self.assertEqual(result["errors"][-1]["file"],
                         os.path.join(self.folder, "g?.jsonl"))
        self.assertEqual({one["line"] for one in result["errors"]}, {0})
        self.assertEqual(self.names(), ["good"])


class TestReload(BootTest):
    def test_what_is_new_or_has_changed_is_read(self):
        self.write("a.jsonl", self.spawn("a"))
        self.start()
        self.assertEqual(self.client.call("reload"),
                         {"done": 0, "errors": []})
        self.write("b.jsonl", self.spawn("b"))
        self.assertEqual(self.client.call("reload")["done"], 1)
        self.write("a.jsonl", self.spawn("a"), self.spawn("c"))
        self.assertEqual(self.client.call("reload")["done"], 2)
        self.assertEqual(sorted(self.names()), ["a", "a", "b", "c"])

    def test_a_unique_name_tells_what_runs(self):
        self.write("a.jsonl", self.spawn("a", unique=True))
        self.start()
        self.write("a.jsonl", self.spawn("a", unique=True),
                   self.spawn("b", unique=True))
        self.assertEqual(self.client.call("reload"),
                         {"done": 1, "errors": []})
        self.assertEqual(self.names(), ["a", "b"])

    def test_by_signal(self):
        self.start()
        self.write("a.jsonl", self.spawn("a"))
        self.daemon.signal(signal.SIGHUP)
        eventually(lambda: self.names() == ["a"])
        self.stop()

    def test_it_takes_no_params(self):
        self.start()
        with self.assertRaises(RpcError):
            self.client.call("reload", x=1)


if __name__ == "__main__":
    unittest.main()
