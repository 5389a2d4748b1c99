#!/usr/bin/env python3
"""output with follow: what a task writes is told as it comes, to as many as
ask; who is slow loses, and is told how much."""

import base64
import time
import unittest

from daemon import SCALE, DaemonTest, eventually, request, scaled

KEPT = 64 * 1024
MIB = 1024 * 1024

# More than the system and the daemon queue for one who does not read.
MUCH = 64 * MIB // SCALE + 16 * MIB


class FollowTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.follower = self.connect()

    def follow(self, task, client=None, **params):
        """Starts to follow; returns the request's id."""
        return (client or self.follower).start("output", task=task,
                                               follow=True, **params)

    def told(self, task, stream="stdout", client=None):
        """What the next notification tells, but for its task and stream."""
        message = (client or self.follower).read()
        self.assertEqual(
            {key: message[key] for key in message if key != "params"},
            {"jsonrpc": "2.0", "method": "output"})
        params = message["params"]
        self.assertEqual((params.pop("task"), params.pop("stream")),
                         (task, stream))
        return params

    def all_told(self, follow, client=None):
        """The result, once all notifications have come."""
        return (client or self.follower).finish(follow)

    def exec(self, *argv):
        return self.client.spawn("exec", *argv)

    def shell(self, script):
        return self.exec("sh", "-c", script)

    def writer(self):
        """A command that writes what it is sent, and a function that sends."""
        task = self.client.spawn("exec", "cat", options={"stdin_pipe": True})
        return task, lambda data, **params: self.client.call(
            "write", task=task, data=data, **params)

    def assert_nothing(self, client=None):
        client = client or self.follower
        client.call("ping")
        self.assertEqual(client.told, [])


class TestWhatIsTold(FollowTest):
    def test_of_a_finished_task_what_is_kept_and_its_end(self):
        task = self.client.spawn("print", "hello")
        self.client.call("join", task=task)
        for after, data in ((0, "hello\n"), (2, "llo\n"), (6, ""),
                            (2**63 - 1, "")):
            follow = self.follow(task, after=after)
            if data:
                self.assertEqual(self.told(task), {"data": data, "next": 6})
            self.assertEqual(self.all_told(follow),
                             {"data": "", "next": 6, "lost": 0})
            self.assert_nothing()

    def test_of_a_task_that_writes_nothing_its_end(self):
        for seconds in (0, 1e9):
            task = self.client.spawn("sleep", seconds)
            follow = self.follow(task)
            self.client.call("cancel", task=task)
            self.assertEqual(self.all_told(follow),
                             {"data": "", "next": 0, "lost": 0})
            self.assert_nothing()

    def test_comes_as_it_is_written(self):
        task, write = self.writer()
        follow = self.follow(task)
        for i in range(1, 4):
            write("line\n")
            self.assertEqual(self.told(task),
                             {"data": "line\n", "next": 5 * i})
            self.assert_nothing()
        late = self.connect()
        late_follow = self.follow(task, client=late, after=7)
        self.assertEqual(self.told(task, client=late),
                         {"data": "ne\nline\n", "next": 15})
        write("", eof=True)
        for client, request_id in ((self.follower, follow),
                                   (late, late_follow)):
            self.assertEqual(self.all_told(request_id, client),
                             {"data": "", "next": 15, "lost": 0})

    def test_of_a_task_that_recurs_all_its_runs(self):
        task = self.client.call("interval", function="print", args=["tick"],
                                seconds=0.01, max_runs=5)["id"]
        follow = self.follow(task)
        self.assertEqual(self.all_told(follow),
                         {"data": "", "next": 25, "lost": 0})
        self.assertEqual("".join(one["data"] for one in self.follower.told),
                         "tick\n" * 5)

    def test_of_both_streams_in_order(self):
        script = "echo one; echo two >&2; echo three; echo four >&2"
        follow = self.follow(self.shell(script))
        self.all_told(follow)
        self.assertEqual(
            [(one["stream"], one["data"], one["next"])
             for one in self.follower.told],
            [("stdout", "one\n", 4), ("stderr", "two\n", 8),
             ("stdout", "three\n", 14), ("stderr", "four\n", 19)])

    def test_of_one_stream_that_alone(self):
        task = self.shell("echo one; echo two >&2; echo three")
        for stream, data in (("stdout", "one\nthree\n"),
                             ("stderr", "two\n")):
            follow = self.follow(task, stream=stream)
            self.assertEqual(self.all_told(follow),
                             {"data": "", "next": 14, "lost": 0})
            self.assertEqual({one["stream"] for one in self.follower.told},
                             {stream})
            self.assertEqual(
                "".join(one["data"] for one in self.follower.told), data)
            self.follower.told.clear()

    def test_is_the_same_by_name(self):
        task = self.client.spawn("sleep", 1e9, name="a name")
        follow = self.follow("a name")
        self.client.call("cancel", task=task)
        self.assertEqual(self.all_told(follow)["next"], 0)


class TestBytes(FollowTest):
    def test_in_base64_are_exact(self):
        task = self.exec("printf", r"\303\251\377\0\342\202")
        follow = self.follow(task, encoding="base64")
        self.all_told(follow)
        self.assertEqual({one["encoding"] for one in self.follower.told},
                         {"base64"})
        self.assertEqual(
            b"".join(base64.b64decode(one["data"])
                     for one in self.follower.told),
            b"\xc3\xa9\xff\0\xe2\x82")

    def test_that_are_no_text_are_replaced(self):
        task = self.exec("printf", r"\303\251\377\0\342\202")
        follow = self.follow(task)
        self.assertEqual(self.all_told(follow)["next"], 7 - 1)
        self.assertEqual("".join(one["data"] for one in self.follower.told),
                         "é\ufffd\0\ufffd\ufffd")
        self.assertEqual(
            self.client.call("output", task=task),
            {"data": "é\ufffd\0\ufffd\ufffd", "next": 6, "lost": 0})

    def test_of_a_character_wait_for_the_last(self):
        task, write = self.writer()
        follow = self.follow(task)
        for piece in ("4oI=", "rA==", "8J+Y"):  # €, half a face
            write({"base64": piece})
        self.assertEqual(self.told(task), {"data": "€", "next": 3})
        self.assert_nothing()
        write("", eof=True)
        self.all_told(follow)
        self.assertEqual(self.follower.told,
                         [{"task": task, "stream": "stdout",
                           "data": "\ufffd" * 3, "next": 6}])


class TestManyFollowers(FollowTest):
    def test_of_one_task_on_one_connection_are_all_told(self):
        task, write = self.writer()
        follows = [self.follow(task), self.follow(task, stream="stdout"),
                   self.follow(task, stream="stderr")]
        write("x")
        for _ in range(2):
            self.assertEqual(self.told(task), {"data": "x", "next": 1})
        self.assert_nothing()
        write("", eof=True)
        for follow in follows:
            self.assertEqual(self.all_told(follow),
                             {"data": "", "next": 1, "lost": 0})

    def test_of_several_tasks_on_one_connection(self):
        tasks = [self.client.spawn("print", i) for i in range(10)]
        for follow in [self.follow(task) for task in tasks]:
            self.all_told(follow)
        self.assertEqual(
            sorted((one["task"], one["data"]) for one in self.follower.told),
            [(task, f"{i}\n") for i, task in enumerate(tasks)])

    def test_by_the_thousand(self):
        task, write = self.writer()
        clients = [self.connect() for _ in range(10)]
        follows = [(client, self.follow(task, client)) for client in clients
                   for _ in range(scaled(1000) // 10)]
        for client in clients:
            client.call("ping")
        for i in range(20):
            write(f"{i:04d}\n")
        write("", eof=True)
        for client, follow in follows:
            self.assertEqual(self.all_told(follow, client),
                             {"data": "", "next": 100, "lost": 0})
        for client in clients:
            self.assertEqual(sum(len(one["data"]) for one in client.told),
                             100 * scaled(1000) // 10)


class TestAmongOtherRequests(FollowTest):
    def test_others_are_answered_meanwhile(self):
        task = self.client.call("loop", function="print", args=["x" * 1000])
        self.follow(task["id"])
        for _ in range(20):
            self.assertEqual(self.follower.call("ping"), "pong")
        self.client.call("cancel", task=task["id"])

    def test_in_a_batch_only_the_result_waits_for_the_others(self):
        task, write = self.writer()
        self.follower.send_json([
            request("output", {"task": task, "follow": True}, id=1),
            request("ping", id=2)])
        for i in range(1, 3):
            write("x")
            self.assertEqual(self.told(task), {"data": "x", "next": i})
        write("", eof=True)
        self.assertEqual(
            sorted(self.follower.read(), key=lambda reply: reply["id"]),
            [{"jsonrpc": "2.0", "id": 1,
              "result": {"data": "", "next": 2, "lost": 0}},
             {"jsonrpc": "2.0", "id": 2, "result": "pong"}])

    def test_without_an_id_there_is_no_result(self):
        task = self.client.spawn("print", "x")
        self.client.call("join", task=task)
        self.follower.send_json(
            request("output", {"task": task, "follow": True}))
        self.assertEqual(self.told(task), {"data": "x\n", "next": 2})
        self.assert_nothing()

    def test_one_who_follows_is_shown_to_wait_for_output(self):
        task = self.client.spawn("sleep", 1e9)
        own = self.follower.call("current")["id"]
        before = time.time()
        follow = self.follow(task)
        self.follower.call("ping")
        wait = self.client.call("show", task=own)["wait"]
        self.assertEqual((wait["for"], wait["tasks"]), ("output", [task]))
        self.assertAlmostEqual(wait["since"], before, delta=60)
        self.client.call("cancel", task=task)
        self.all_told(follow)
        self.assertEqual(self.client.call("show", task=own)["wait"]["for"],
                         "request")

    def test_of_a_task_that_is_paused_waits(self):
        task = self.client.call("interval", function="print", args=["x"],
                                seconds=0.01)["id"]
        follow = self.follow(task)
        at = self.told(task)["next"]
        self.client.call("pause", task=task)
        written = self.client.call("output", task=task)["next"]
        while at < written:
            at = self.told(task)["next"]
        self.assert_nothing()
        self.client.call("resume", task=task)
        eventually(lambda: self.client.call("output", task=task)["next"] >
                   written)
        self.client.call("cancel", task=task)
        end = self.all_told(follow)["next"]
        self.assertEqual(
            sum(len(one["data"]) for one in self.follower.told),
            end - written)


class TestItsEnd(FollowTest):
    def test_comes_after_all_that_a_task_wrote_that_was_let_go(self):
        task, write = self.writer()
        follow = self.follow(task)
        self.assert_nothing()
        write("x", eof=True)
        self.client.call("join", task=task)
        self.client.call("forget", task=task)
        self.assertEqual(self.all_told(follow)["next"], 1)

    def test_one_who_is_cancelled_is_answered_so(self):
        task = self.client.spawn("sleep", 1e9)
        follow = self.follow(task)
        own = self.follower.call("current")["id"]
        self.client.call("cancel", task=own)
        self.assert_error("Cancelled", self.all_told, follow)

    def test_one_who_goes_in_the_midst_is_forgotten(self):
        task = self.client.call("loop", function="print", args=["x" * 1000])
        for _ in range(20):
            client = self.connect()
            for _ in range(5):
                self.follow(task["id"], client)
            self.told(task["id"], client=client)
            client.close()
        follow = self.follow(task["id"])
        self.client.call("cancel", task=task["id"])
        self.all_told(follow)

    def test_one_who_sends_no_more_is_still_told(self):
        task, write = self.writer()
        follow = self.follow(task)
        self.follower.half_close()
        write("x")
        self.assertEqual(self.told(task), {"data": "x", "next": 1})
        write("", eof=True)
        self.assertEqual(self.all_told(follow)["next"], 1)
        self.assertIsNone(self.follower.read_line())


class TestSlowFollowers(FollowTest):
    def assert_all_is_told_or_lost(self, follow, text, client=None):
        """Of what repeats the text, it told each byte, or that it lost it;
        returns how many those were."""
        client = client or self.follower
        result = self.all_told(follow, client)
        at = lost = 0
        for one in client.told:
            at += one.get("lost", 0)
            lost += one.get("lost", 0)
            size = len(one["data"])
            first = at % len(text)
            repeated = text * (size // len(text) + 2)
            self.assertEqual(one["data"], repeated[first:first + size])
            at += size
            self.assertEqual(one["next"], at)
        self.assertEqual((result["next"], result["lost"]), (at, lost))
        return lost

    def test_lose_what_is_not_kept_and_are_told_how_much(self):
        text = "".join(f"{i:07d} " for i in range(7000))
        runs = MUCH // len(text)
        task = self.client.call("rate", function="print", args=[text],
                                hertz=1e6, max_runs=runs)["id"]
        follow = self.follow(task)
        self.told(task)  # it is on its way
        self.follower.told.clear()
        follows = [(client, self.follow(task, client))
                   for client in (self.connect(), self.connect())]
        self.client.call("join", task=task)
        for client, request_id in follows:
            lost = self.assert_all_is_told_or_lost(request_id, text + "\n",
                                                   client)
            self.assertGreater(lost, 0)
            self.assertLess(lost, runs * (len(text) + 1))
        self.all_told(follow)

    def test_neither_stop_a_command_nor_grow_the_daemon(self):
        size = 1024 * MIB // SCALE
        task = self.client.spawn(
            "exec", "sh", "-c",
            f"read go; yes 0123456 | head -c {size}",
            options={"stdin_pipe": True})
        follow = self.follow(task)
        self.assert_nothing()
        before = self.daemon.resident()
        self.client.call("write", task=task, data="\n")
        self.client.call("join", task=task)
        if SCALE == 1:  # the instrumented daemon's own needs cover it up
            self.assertLess(self.daemon.resident() - before, 6 * MIB)
        lost = self.assert_all_is_told_or_lost(follow, "0123456\n")
        self.assertGreater(lost, size // 2)

    def test_for_whom_there_is_room_lose_nothing_of_what_comes_in_bulk(self):
        size = MIB  # well over what is kept, and under what is queued
        task = self.client.spawn(
            "exec", "sh", "-c",
            f"read go; yes 0123456 | head -c {size}",
            options={"stdin_pipe": True})
        follow = self.follow(task)
        self.assert_nothing()
        self.client.call("write", task=task, data="\n")
        self.assertEqual(
            self.assert_all_is_told_or_lost(follow, "0123456\n"), 0)

    def test_of_what_is_let_go_meanwhile_keep_it(self):
        text = "0123456\n" * 1000
        task = self.client.call("rate", function="print", args=[text[:-1]],
                                hertz=1e6, max_runs=MUCH // len(text))["id"]
        follow = self.follow(task)
        self.follower.call("ping")
        self.client.call("join", task=task)
        self.client.call("forget", task=task)
        self.assert_all_is_told_or_lost(follow, text)


if __name__ == "__main__":
    unittest.main()
