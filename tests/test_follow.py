#!/usr/bin/env python3
"""output with follow: what a task writes, told as it comes."""

import base64
import time
import unittest

from daemon import DaemonTest, RpcError, eventually, request, scaled

KEPT = 64 * 1024

# More than the system and the daemon queue for one who does not read.
MUCH = 16 * 1024 * 1024


class FollowTest(DaemonTest):
    def follow(self, task, client=None, **params):
        """Starts to follow; returns the request's id."""
        return (client or self.client).start("output", task=task, follow=True,
                                             **params)

    def printer(self, text, seconds=1e9):
        """A task that has written that once, and will write it again when
        it is resumed; it sleeps meanwhile."""
        task = self.client.call("interval", function="print", args=[text],
                                seconds=seconds, immediate=True)["id"]
        eventually(lambda: self.client.call("show", task=task)["runs"] == 1)
        return task

    def told(self, client=None):
        """The params of the next notification."""
        client = client or self.client
        if client.told:
            return client.told.pop(0)
        message = client.read()
        self.assertEqual((message["jsonrpc"], message["method"]),
                         ("2.0", "output"))
        self.assertNotIn("id", message)
        return message["params"]

    def lives(self, task):
        return "finished" not in self.client.call("show", task=task)


class TestFollow(FollowTest):
    def test_of_a_finished_task_is_what_is_kept_and_its_end(self):
        task = self.client.spawn("print", "hello")
        self.client.call("join", task=task)
        for after, told in ((0, "hello\n"), (2, "llo\n"), (6, ""),
                            (2**63 - 1, "")):
            follow = self.follow(task, after=after)
            self.assertEqual(self.client.finish(follow),
                             {"data": "", "next": 6, "lost": 0})
            self.assertEqual(self.client.told, [
                {"task": task, "stream": "stdout", "data": told, "next": 6}
            ] if told else [])
            self.client.told.clear()

    def test_of_a_task_that_writes_nothing_is_its_end(self):
        for state in ("done", "cancelled"):
            task = self.client.spawn("sleep", 1e9 if state != "done" else 0)
            follow = self.follow(task)
            if state != "done":
                self.client.call("cancel", task=task)
            self.assertEqual(self.client.finish(follow),
                             {"data": "", "next": 0, "lost": 0})
            self.assertEqual(self.client.told, [])


if __name__ == "__main__":
    unittest.main()
