#!/usr/bin/env python3
"""Finished tasks: kept until there are too many or they hold too much; and
the bound on what one reply may hold."""

import unittest

from daemon import WRAPPER, DaemonTest, eventually, line, request

RETAINED = 10000
RETAINED_BYTES = 64 * 1024 * 1024
LARGE = "x" * (512 * 1024)

# The bounds do not scale with the speed of the daemon.
skip_if_slow = unittest.skipIf(WRAPPER, "64 MiB would take minutes")


class TestRetention(DaemonTest):
    def stats(self):
        return self.client.call("stats")["tasks"]

    def test_the_oldest_goes_when_there_are_too_many(self):
        first = self.client.spawn("sum", name="first")
        self.client.call("join", task=first)
        self.client.send(line(request("spawn", {"function": "sum"})) *
                         (RETAINED - 1))
        last = self.client.spawn("sum", name="last")
        self.client.call("join", task=last)
        self.assertEqual(self.stats()["retained"], RETAINED)
        for which in (first, "first"):
            self.assert_error("NoSuchTask", self.client.call, "show",
                              task=which)
        self.assertEqual(self.client.call("join", task="last"), 0)

    @skip_if_slow
    def test_the_oldest_goes_when_they_hold_too_much(self):
        tasks = [self.client.spawn("echo", LARGE) for _ in range(100)]
        self.client.call("join", task=tasks[-1])
        stats = self.stats()
        self.assertLessEqual(stats["retained_bytes"], RETAINED_BYTES)
        self.assertGreater(stats["retained_bytes"], RETAINED_BYTES // 2)
        self.assert_error("NoSuchTask", self.client.call, "show",
                          task=tasks[0])

    def test_a_joiner_keeps_the_result_of_one_that_has_gone(self):
        with_child = self.client.spawn("sleep", 1e9)
        join = self.client.start("join", tasks=[self.client.spawn("sum", 7),
                                                with_child])
        self.client.send(line(request("spawn", {"function": "sum"})) *
                         (2 * RETAINED))
        self.client.call("join", task=self.client.spawn("sum"))
        self.client.call("cancel", task=with_child)
        self.assertEqual(self.client.finish(join)[0]["result"], 7)

    def test_all_that_were_cancelled_at_once_are_not_kept(self):
        top = self.client.spawn("sleep", 1e9)
        count = 2 * RETAINED
        self.client.send(line(request(
            "spawn", {"function": "sleep", "args": [1e9],
                      "parent": top})) * count)
        eventually(lambda: self.client.call("show", task=top)["children"] ==
                   count)
        self.client.call("cancel", task=top)
        self.assertEqual(self.stats()["retained"], RETAINED)


class TestReplyLimit(DaemonTest):
    @skip_if_slow
    def test_a_join_of_more_than_a_reply_holds_is_refused(self):
        task = self.client.spawn("echo", LARGE)
        for count, fits in ((100, True), (200, False)):
            join = self.client.start("join", tasks=[task] * count)
            if fits:
                self.assertEqual(len(self.client.finish(join)), count)
                continue
            error = self.assert_error("LimitExceeded", self.client.finish,
                                      join)
            self.assertEqual(error.data["limit"], "reply")

    @skip_if_slow
    def test_a_batch_of_more_than_a_reply_holds_is_refused_in_part(self):
        task = self.client.spawn("echo", LARGE)
        self.client.call("join", task=task)
        self.client.send_json([request("join", {"task": task}, id=i)
                               for i in range(200)])
        replies = self.client.read()
        self.assertEqual(len(replies), 200)
        limits = {reply["error"]["data"]["limit"]
                  for reply in replies if "error" in reply}
        self.assertEqual(limits, {"reply"})


if __name__ == "__main__":
    unittest.main()
