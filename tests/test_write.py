#!/usr/bin/env python3
"""write: the input of a command with a pipe, taken as fast as it reads."""

import unittest

from commands import CommandTest, octets
from daemon import RpcError, eventually, line, request

MOST = 1 << 20
# More than a pipe takes at once, and less than a message.
LARGE = 300000


class WriteTest(CommandTest):
    def cat(self, **params):
        return self.exec("cat", stdin_pipe=True, **params)

    def stuck(self, **params):
        """A command that does not read."""
        return self.exec("sleep", "1000", stdin_pipe=True, **params)

    def write(self, task, data=None, **params):
        if data is not None:
            params["data"] = data
        return self.client.call("write", task=task, **params)

    def start(self, task, data, client=None, **params):
        return (client or self.client).start("write", task=task, data=data,
                                             **params)

    def is_waiting(self, *requests):
        """None of them has been answered."""
        self.client.call("ping")
        return not any(one in self.client.early for one in requests)


class TestWrite(WriteTest):
    def test_reaches_the_command(self):
        task = self.cat()
        self.assertIsNone(self.write(task, "hello\n"))
        self.await_output(task, "hello\n")
        self.write(task, "again\n")
        self.await_output(task, "hello\nagain\n")
        self.assertIsNone(self.write(task, eof=True))
        self.assertEqual(self.join(task), {"exit_status": 0})

    def test_with_the_end(self):
        task = self.cat()
        self.write(task, "all", eof=True)
        self.join(task)
        self.assertEqual(self.text(task), "all")

    def test_of_bytes(self):
        data = bytes(range(256)) * 100
        task = self.cat()
        self.write(task, octets(data))
        self.write(task, "\0", eof=True)
        self.join(task)
        self.assertEqual(self.data(task), data + b"\0")

    def test_of_nothing(self):
        task = self.cat()
        for params in ({}, {"data": ""}, {"eof": False}):
            self.assertIsNone(self.write(task, **params))
        self.write(task, eof=True)
        self.join(task)
        self.assertEqual(self.text(task), "")

    def test_in_order(self):
        task = self.cat()
        last = [self.start(task, f"{i}\n") for i in range(1000)][-1]
        self.client.finish(last)
        self.write(task, eof=True)
        self.join(task)
        self.assertEqual(self.text(task),
                         "".join(f"{i}\n" for i in range(1000)))

    def test_of_much(self):
        task = self.exec("wc", "-c", stdin_pipe=True)
        for _ in range(20):
            self.write(task, "x" * LARGE)
        self.write(task, eof=True)
        self.join(task)
        self.assertEqual(self.text(task), f"{20 * LARGE}\n")

    def test_before_the_command_began(self):
        top = self.client.spawn("sleep", 1000)
        self.client.call("pause", task=top)
        task = self.cat(parent=top)
        first = self.start(task, "first ")
        second = self.start(task, "second", eof=True)
        self.assertTrue(self.is_waiting(first, second))
        self.client.call("resume", task=top)
        self.assertIsNone(self.client.finish(first))
        self.assertIsNone(self.client.finish(second))
        self.join(task)
        self.assertEqual(self.text(task), "first second")

    def test_to_one_that_never_begins_is_refused(self):
        task = self.client.call(
            "later", function="exec", args=["cat"], seconds=1000,
            options={"stdin_pipe": True})["id"]
        write = self.start(task, "x")
        self.assertTrue(self.is_waiting(write))
        self.cancel(task)
        self.assert_error("FunctionError", self.client.finish, write)

    def test_of_the_next_run_waits_for_it(self):
        task = self.exec("cat", method="interval", seconds=0.1, max_runs=2,
                         options={"stdin_pipe": True})
        self.write(task, "one\n", eof=True)
        eventually(lambda: self.show(task)["runs"] == 1)
        self.write(task, "two\n", eof=True)
        self.join(task)
        self.assertEqual(self.text(task), "one\ntwo\n")


class TestBackPressure(WriteTest):
    def test_the_reply_comes_when_it_was_taken(self):
        task = self.stuck()
        self.write(task, "x" * 1000)
        write = self.start(task, "x" * LARGE)
        self.assertTrue(self.is_waiting(write))
        wait = self.client.call("current")["wait"]
        self.assertEqual(wait["for"], "write")
        self.cancel(task, grace=0)
        self.assert_error("FunctionError", self.client.finish, write)

    def test_is_bounded(self):
        task = self.stuck()
        for _ in range(3):
            self.start(task, "x" * LARGE)
        error = self.assert_error("LimitExceeded", self.write, task,
                                  "x" * LARGE)
        self.assertEqual(error.data["limit"], "input")
        other = self.connect()
        error = self.assert_error("LimitExceeded", other.call, "write",
                                  task=task, data="x" * LARGE)
        # What still fits waits.
        self.assertTrue(self.is_waiting(self.start(task, "x")))
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_many_small_ones_are_bounded(self):
        """Each is more to keep than its bytes."""
        task = self.stuck()
        data = line(request("write", {"task": task, "data": "x"}, id=1))
        self.write(task, "x" * 65536)
        self.client.send(data * 30000)
        self.client.call("ping")
        self.client.call("ping")
        error = self.client.early.pop(1)["error"]
        self.assertEqual(error["data"].get("limit"), "input", error)
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_a_slow_reader_gets_all(self):
        task = self.python("""
import os, time
total = 0
while data := os.read(0, 30000):
    total += len(data)
print(total)
""", stdin_pipe=True)
        writes = [self.start(task, "x" * LARGE) for _ in range(3)]
        for one in writes:
            self.client.finish(one)
        self.write(task, eof=True)
        self.join(task)
        self.assertEqual(self.text(task), f"{3 * LARGE}\n")


class TestRefused(WriteTest):
    def refused(self, task, kind, *words, **params):
        error = self.assert_error(kind, self.write, task, "x", **params)
        for word in words:
            self.assertIn(word, str(error))

    def test_after_the_end(self):
        task = self.sh("cat; exec sleep 1000", stdin_pipe=True)
        self.write(task, "x", eof=True)
        self.refused(task, "FunctionError", "read")
        self.cancel(task, grace=0)

    def test_what_nobody_reads(self):
        task = self.sh("exec <&-; echo closed; exec sleep 1000",
                       stdin_pipe=True)
        self.await_output(task, "closed\n")
        self.refused(task, "FunctionError", "read")
        self.refused(task, "FunctionError", "read")
        self.cancel(task, grace=0)

    def test_when_the_reader_exits(self):
        task = self.sh("head -c 10 >/dev/null", stdin_pipe=True)
        writes = [self.start(task, "x" * LARGE) for _ in range(3)]
        for one in writes:
            self.assert_error("FunctionError", self.client.finish, one)
        self.join(task)
        self.refused(task, "FunctionError", "ended")

    def test_to_a_finished_one(self):
        task = self.cat()
        self.write(task, eof=True)
        self.join(task)
        self.refused(task, "FunctionError", str(task), "ended")

    def test_to_another_function(self):
        task = self.client.spawn("sleep", 1000)
        self.refused(task, "InvalidParams", str(task), "stdin_pipe")
        self.cancel(task)

    def test_to_a_client_and_the_daemon(self):
        for task in (1, self.client.call("current")["id"]):
            self.refused(task, "InvalidParams", "stdin_pipe")

    def test_without_a_pipe(self):
        for options in ({}, {"stdin": "text"}, {"stdin_pipe": False}):
            task = self.exec("sleep", "1000", options=options)
            self.refused(task, "InvalidParams", "stdin_pipe")
            self.cancel(task)

    def test_no_such_task(self):
        self.refused(10 ** 9, "NoSuchTask")

    def test_what_is_wrong(self):
        task = self.cat()
        for params in ({"data": 1}, {"data": None}, {"data": ["x"]},
                       {"data": {"base64": "?"}}, {"eof": 1},
                       {"eof": "yes"}, {"data": "x", "what": 1}):
            with self.subTest(params):
                self.assert_error("InvalidParams", self.client.call, "write",
                                  task=task, **params)
        self.assert_error("InvalidParams", self.client.call, "write")
        self.write(task, eof=True)
        self.join(task)
        self.assertEqual(self.text(task), "")


class TestLaterRuns(WriteTest):
    def spawn_retried(self, script):
        return self.client.call(
            "spawn", function="exec", args=["sh", "-c", script],
            options={"stdin_pipe": True},
            retry={"times": 1, "backoff": 0})["id"]

    def test_the_end_was_written_to_the_first(self):
        task = self.spawn_retried("cat; exit 5")
        self.write(task, "once\n", eof=True)
        with self.assertRaises(RpcError):
            self.join(task)
        self.assertEqual(self.text(task), "once\n")

    def test_the_end_was_not_written_yet(self):
        task = self.spawn_retried(
            f"read line; echo \"$line\"; [ -e {self.path('twice')} ] || "
            f"{{ >{self.path('twice')}; exit 5; }}; cat")
        self.write(task, "first\n")
        eventually(lambda: self.client.call("show", task=task)["runs"] == 1)
        self.write(task, "second\nand more\n", eof=True)
        self.join(task)
        self.assertEqual(self.text(task), "first\nsecond\nand more\n")


class TestWritersThatGo(WriteTest):
    def test_what_was_written_still_arrives(self):
        task = self.client.call(
            "later", function="exec", args=["cat"], seconds=0.2,
            options={"stdin_pipe": True})["id"]
        other = self.connect()
        self.start(task, "from afar", other)
        other.call("ping")
        other.close()
        self.write(task, "", eof=True)
        self.join(task)
        self.assertEqual(self.text(task), "from afar")

    def test_while_the_command_does_not_read(self):
        task = self.stuck()
        other = self.connect()
        for _ in range(3):
            self.start(task, "x" * LARGE, other)
        other.call("ping")
        other.close()
        eventually(lambda: self.client.call("stats")["clients"] == 3)
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_that_is_cancelled(self):
        task = self.stuck()
        other = self.connect()
        self.start(task, "x" * LARGE, other)
        self.cancel(other.call("current")["id"])
        self.cancel(task, grace=0)
        self.assert_cancelled(task)


if __name__ == "__main__":
    unittest.main()
