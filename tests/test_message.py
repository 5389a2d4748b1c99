#!/usr/bin/env python3
"""Messages: send, receive, call, reply, and what becomes of those who wait."""

import unittest

from daemon import DaemonTest, RpcError, eventually, scaled
from program import Program

MESSAGES = 1000
MAILBOX = 4 * 1024 * 1024


class MessageTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.other = self.connect()
        self.me = self.client.call("current")["id"]
        self.you = self.other.call("current")["id"]
        self.task = self.client.spawn("sleep", 1e9)

    def leave(self, client):
        """The client goes, and the daemon has seen it."""
        task = client.call("current")["id"]
        client.close()
        eventually(lambda: task not in [
            row["id"] for row in self.watcher.call("children", task=1)])

    def assert_timeout(self, function, *args, **params):
        self.assert_error("TimeoutError", function, *args, **params)


class TestSend(MessageTest):
    def test_any_value_arrives_whole(self):
        for body in (None, True, 0, 2**63 - 1, -1.5, "", "a\u0000é", [],
                     {}, [[{"a": None}]]):
            self.assertIsNone(self.other.call("send", task=self.me,
                                              body=body))
            self.assertEqual(self.client.call("receive"),
                             {"body": body, "from": self.you})

    def test_messages_keep_their_order(self):
        count = scaled(MESSAGES)
        for i in range(count):
            self.other.start("send", task=self.task, body=i)
        self.assertEqual(
            [self.client.call("receive", task=self.task)["body"]
             for _ in range(count)], list(range(count)))

    def test_who_waits_gets_it_first_come_first_served(self):
        waiting = [self.client.start("receive", task=self.task)
                   for _ in range(3)]
        self.client.call("ping")
        for i in range(3):
            self.other.call("send", task=self.task, body=i)
        self.assertEqual([self.client.finish(one)["body"]
                          for one in waiting], [0, 1, 2])

    def test_who_no_longer_waits_takes_none(self):
        third = self.connect()
        third.start("receive", task=self.task)
        third.call("ping")
        self.leave(third)
        self.assert_timeout(self.client.call, "receive", task=self.task,
                            timeout=0.01)
        self.other.call("send", task=self.task, body="kept")
        self.assertEqual(self.client.call("receive", task=self.task)["body"],
                         "kept")

    def test_to_one_that_has_ended(self):
        self.client.call("cancel", task=self.task)
        for method, params in (("send", {"body": 1}), ("call", {"body": 1}),
                               ("receive", {})):
            self.assert_error("NoSuchTask", self.client.call, method,
                              task=self.task, **params)

    def test_a_full_mailbox(self):
        for i in range(MESSAGES):
            self.client.start("send", task=self.task, body=i)
        error = self.assert_error("LimitExceeded", self.client.call, "send",
                                  task=self.task, body=0)
        self.assertEqual(error.data["limit"], "messages")
        error = self.assert_error("LimitExceeded", self.client.call, "call",
                                  task=self.task, body=0)
        self.assertEqual(error.data["limit"], "messages")
        self.assertEqual(self.client.call("receive", task=self.task)["body"],
                         0)
        self.client.call("send", task=self.task, body="last")

    def test_a_heavy_mailbox(self):
        body = "x" * (MAILBOX // 8)
        for _ in range(7):
            self.client.call("send", task=self.task, body=body)
        error = self.assert_error("LimitExceeded", self.client.call, "send",
                                  task=self.task, body=body)
        self.assertEqual(error.data["limit"], "mailbox")


class TestReceive(MessageTest):
    def test_the_time_given(self):
        self.assert_timeout(self.client.call, "receive", timeout=0)
        self.assert_timeout(self.client.call, "receive", timeout=0.01)

    def test_its_task_ends(self):
        waiting = self.client.start("receive", task=self.task)
        self.client.call("ping")
        self.other.call("cancel", task=self.task)
        error = self.assert_error("FunctionError", self.client.finish,
                                  waiting)
        self.assertEqual(error.data["task"], self.task)

    def test_what_it_waits_for_is_shown(self):
        self.client.start("receive")
        self.client.call("ping")
        wait = self.other.call("show", task=self.me)["wait"]
        self.assertEqual(wait["for"], "receive")


class TestCall(MessageTest):
    def serve(self, count):
        """Answers so many calls to the other connection's task."""
        for _ in range(count):
            message = self.other.call("receive")
            name, *args = message["body"]
            self.other.call("reply", call=message["call"],
                            result={"sum": sum, "max": max}[name](args))

    def test_the_reply_is_its_result(self):
        calls = [self.client.start("call", task=self.you, body=body)
                 for body in (["sum", 1, 2], ["max", 7, 5])]
        self.serve(2)
        self.assertEqual([self.client.finish(one) for one in calls], [3, 7])

    def test_one_that_is_never_replied_to(self):
        self.assert_timeout(self.client.call, "call", task=self.you,
                            body=["sum"], timeout=0.01)
        message = self.other.call("receive")
        self.assert_error("InvalidParams", self.other.call, "reply",
                          call=message["call"], result=0)

    def test_a_second_reply(self):
        call = self.client.start("call", task=self.you, body=["sum"])
        self.serve(1)
        self.assertEqual(self.client.finish(call), 0)
        self.assert_error("InvalidParams", self.other.call, "reply",
                          call=1, result=0)

    def test_the_callee_ends_before_and_after_it_received(self):
        for receives in (False, True):
            task = self.client.spawn("sleep", 1e9)
            call = self.client.start("call", task=task, body=1)
            self.client.call("ping")
            if receives:
                self.other.call("receive", task=task)
            self.other.call("cancel", task=task)
            error = self.assert_error("FunctionError", self.client.finish,
                                      call)
            self.assertEqual(error.data["task"], task)

    def test_the_callee_disconnects(self):
        call = self.client.start("call", task=self.you, body=1)
        self.client.call("ping")
        self.other.close()
        self.assert_error("FunctionError", self.client.finish, call)

    def test_the_caller_leaves(self):
        third = self.connect()
        third.start("call", task=self.you, body=1)
        third.call("ping")
        message = self.other.call("receive")
        self.leave(third)
        self.assert_error("InvalidParams", self.other.call, "reply",
                          call=message["call"], result=0)

    def test_too_many_calls(self):
        for i in range(MESSAGES):
            self.client.start("call", task=self.task, body=i)
            self.other.start("receive", task=self.task)
        for _ in range(MESSAGES):
            self.other.read()
        error = self.assert_error("LimitExceeded", self.client.call, "call",
                                  task=self.task, body=0)
        self.assertEqual(error.data["limit"], "calls")

    def test_ping_pong(self):
        """Six each way, then nothing comes any more."""
        for i in range(6):
            self.client.call("send", task=self.you, body="ping")
            self.assertEqual(self.other.call("receive")["body"], "ping")
            self.other.call("send", task=self.me, body="pong")
            self.assertEqual(self.client.call("receive")["body"], "pong")
        self.assert_timeout(self.client.call, "receive", timeout=0.01)


class TestHosted(MessageTest):
    """A hosted task's messages go to the program that hosts it."""

    def setUp(self):
        super().setUp()
        self.program = self.connect_program()
        self.hosted = self.program.host()

    def connect_program(self):
        program = Program(self.daemon.path)
        self.addCleanup(program.close)
        return program

    def test_it_is_told_them_in_their_order(self):
        for body in (1, "two", None):
            self.client.call("send", task=self.hosted, body=body)
            self.assertEqual(
                self.program.expect("message"),
                {"task": self.hosted, "body": body, "from": self.me})
        self.assertTrue(self.program.is_told_nothing())

    def test_who_sends_is_a_task_that_the_program_hosts(self):
        other = self.program.host()
        self.program.call("send", task=other, body=1, **{"from": self.hosted})
        self.assertEqual(self.program.expect("message"),
                         {"task": other, "body": 1, "from": self.hosted})
        for task in (self.task, self.you):
            error = self.assert_error(
                "PermissionDenied", self.program.call, "send", task=other,
                body=1, **{"from": task})
            self.assertEqual(error.data["task"], task)
        self.assert_error("PermissionDenied", self.client.call, "call",
                          task=other, body=1, **{"from": self.hosted})
        self.assertTrue(self.program.is_told_nothing())

    def test_a_call_is_replied_to_with_a_result_or_an_error(self):
        calls = [self.client.start("call", task=self.hosted, body=i)
                 for i in range(2)]
        told = [self.program.expect("message") for _ in calls]
        self.program.call("reply", call=told[0]["call"], result=[7])
        self.program.call("reply", call=told[1]["call"],
                          error={"message": "no", "data": {"a": 1}})
        self.assertEqual(self.client.finish(calls[0]), [7])
        error = self.assert_error("FunctionError", self.client.finish,
                                  calls[1])
        self.assertEqual(str(error), "no")
        self.assertEqual(error.data["a"], 1)

    def test_a_reply_is_one_of_the_two(self):
        call = self.client.start("call", task=self.hosted, body=0)
        number = self.program.expect("message")["call"]
        for wrong in ({}, {"result": 1, "error": {"message": ""}},
                      {"error": {}}, {"error": {"message": 1}}):
            self.assert_error("InvalidParams", self.program.call, "reply",
                              call=number, **wrong)
        self.program.call("reply", call=number, result=None)
        self.assertIsNone(self.client.finish(call))

    def test_the_callee_ends_or_its_program_goes(self):
        for end in (lambda: self.program.end(self.hosted),
                    self.program.close):
            call = self.client.start("call", task=self.hosted, body=0)
            self.program.expect("message")
            end()
            error = self.assert_error("FunctionError", self.client.finish,
                                      call)
            self.assertEqual(error.data["task"], self.hosted)
            if end != self.program.close:
                self.hosted = self.program.host()

    def test_the_calling_task_ends(self):
        call = self.program.start("call", task=self.you, body=0,
                                  **{"from": self.hosted})
        message = self.other.call("receive")
        self.assertEqual(message["from"], self.hosted)
        self.program.end(self.hosted)
        error = self.assert_error("FunctionError", self.program.finish, call)
        self.assertEqual(error.data["task"], self.hosted)
        self.assert_error("InvalidParams", self.other.call, "reply",
                          call=message["call"], result=0)

    def test_receive_is_not_how_to_get_them(self):
        for client in (self.program, self.client):
            error = self.assert_error("InvalidParams", client.call,
                                      "receive", task=self.hosted)
            self.assertEqual(error.data["task"], self.hosted)

    def test_a_program_that_reads_nothing_fills_the_mailbox(self):
        body = "x" * (MAILBOX // 8)
        with self.assertRaises(RpcError) as caught:
            for _ in range(100):
                self.client.call("send", task=self.hosted, body=body)
        self.assertEqual(caught.exception.data["limit"], "mailbox")

    def test_between_two_runs_they_wait_for_the_next(self):
        self.program.provide("work")
        task = self.client.call("interval", function="work",
                                seconds=0.001, max_runs=2)["id"]
        self.program.expect("run")
        self.client.call("pause", task=task)
        self.program.expect("pause")
        self.program.end(task)
        self.client.call("send", task=task, body="later")
        self.assertTrue(self.program.is_told_nothing())
        self.client.call("resume", task=task)
        self.program.expect("run")
        self.assertEqual(self.program.expect("message")["body"], "later")


if __name__ == "__main__":
    unittest.main()
