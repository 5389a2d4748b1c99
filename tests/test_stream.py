#!/usr/bin/env python3
"""Output of exec that is a stream: the command waits for the first who follows
it, so that this one loses nothing, and for nobody else."""

import base64
import time
import unittest

from commands import CommandTest
from daemon import eventually, scaled

KEPT = 64 * 1024

# More than the system and the daemon queue for one who does not read.
MUCH = 16 * 1024 * 1024


class StreamTest(CommandTest):
    def stream(self, script, *args, **params):
        return self.sh(script, *args, output="stream", **params)

    def zeros(self, count, **params):
        return self.exec("head", "-c", str(count), "/dev/zero",
                         output="stream", **params)

    def follow(self, client, task, **params):
        return client.start("output", task=task, follow=True,
                            encoding="base64", **params)

    def written(self, task):
        return self.client.call("output", task=task, after=2**62)["next"]

    def lives(self, task):
        return "finished" not in self.client.call("show", task=task)

    def await_standstill(self, task):
        """Until it has written no more for a while, though it could."""
        before = -1
        while (now := self.written(task)) != before:
            before = now
            time.sleep(0.3)
        self.assertTrue(self.lives(task))
        return now

    def told(self, client, request):
        """Reads to the end: the bytes, and what was lost."""
        result = client.finish(request)
        data = b"".join(base64.b64decode(params["data"])
                        for params in client.told)
        client.told.clear()
        return data, result["lost"]


class TestStream(StreamTest):
    def test_the_first_follower_loses_nothing(self):
        task = self.stream('i=0; while [ $i -lt "$1" ]; do echo line $i; '
                           'i=$((i + 1)); done', str(scaled(50000)))
        data, lost = self.told(self.client, self.follow(self.client, task))
        self.assertEqual(lost, 0)
        self.assertEqual(data.decode().splitlines(),
                         [f"line {i}" for i in range(scaled(50000))])

    def test_the_command_waits_for_the_first_follower_to_come(self):
        task = self.zeros(10 * KEPT)
        self.assertLessEqual(self.await_standstill(task), KEPT)
        data, lost = self.told(self.client, self.follow(self.client, task))
        self.assertEqual((len(data), lost), (10 * KEPT, 0))
        self.join(task)

    def test_the_command_waits_for_a_first_follower_that_is_slow(self):
        slow = self.connect()
        task = self.zeros(MUCH)
        request = self.follow(slow, task)
        self.assertLess(self.await_standstill(task), MUCH)
        data, lost = self.told(slow, request)
        self.assertEqual((len(data), lost), (MUCH, 0))

    def test_the_end_is_told_too(self):
        """The command ends long before what it wrote is read."""
        slow = self.connect()
        task = self.stream("head -c $1 /dev/zero; printf end; "
                           "printf error >&2", str(MUCH))
        request = self.follow(slow, task)
        self.await_standstill(task)
        data, lost = self.told(slow, request)
        self.assertEqual((len(data), lost), (MUCH + 8, 0))
        self.assertEqual(sorted((data[MUCH:MUCH + 3], data[MUCH + 3:])),
                         [b"end", b"error"])

    def test_it_goes_on_when_that_one_has_gone(self):
        slow = self.connect()
        task = self.zeros(MUCH)
        self.follow(slow, task)
        self.await_standstill(task)
        slow.close()
        self.join(task)
        self.assertEqual(self.written(task), MUCH)

    def test_no_other_follower_holds_it_up(self):
        slow = self.connect()
        task = self.zeros(MUCH)
        first = self.follow(self.client, task)
        self.client.call("ping")
        self.follow(slow, task)
        self.assertEqual(self.told(self.client, first)[1], 0)
        self.join(task)

    def test_a_cancel_and_a_timeout_do_not_wait(self):
        slow = self.connect()
        for params in {}, {"timeout": 1}:
            task = self.zeros(MUCH, **params)
            self.follow(slow, task)
            if not params:
                self.await_standstill(task)
                self.client.call("cancel", task=task)
            eventually(lambda: not self.lives(task))

    def test_one_that_exits_is_there_until_it_is_read(self):
        task = self.zeros(KEPT + 4096)
        self.await_standstill(task)
        eventually(lambda: self.show(task)["cpu"])
        data, lost = self.told(self.client, self.follow(self.client, task))
        self.assertEqual((len(data), lost), (KEPT + 4096, 0))

    def test_runs_that_follow_each_other(self):
        task = self.client.call(
            "loop", function="exec", max_runs=3, options={"output": "stream"},
            args=["head", "-c", str(3 * KEPT), "/dev/zero"])["id"]
        data, lost = self.told(self.client, self.follow(self.client, task))
        self.assertEqual((len(data), lost), (9 * KEPT, 0))

    def test_a_follower_of_characters(self):
        task = self.stream("yes 'ä€😀' | head -c $1; printf '\\303'",
                           str(10 * KEPT))
        request = self.client.start("output", task=task, follow=True)
        result = self.client.finish(request)
        self.assertEqual(result["lost"], 0)
        text = "".join(params["data"] for params in self.client.told)
        self.assertEqual(text, ("ä€😀\n" * KEPT)[:len(text) - 1] + "\ufffd")
        self.client.told.clear()


if __name__ == "__main__":
    unittest.main()
