#!/usr/bin/env python3
"""JSON-RPC 2.0 as its specification has it: requests, notifications, batches
and errors. Its examples, with tasks of `sum` for its `subtract`."""

import json
import unittest

from daemon import DaemonTest, line, request

PONG = {"jsonrpc": "2.0", "result": "pong", "id": 1}


class JsonRpcTest(DaemonTest):
    def exchange_one(self, text):
        """What comes back for a line; None where nothing does."""
        self.client.send(text.encode() + b"\n")
        self.client.send_json(request("ping", id="after"))
        reply = self.client.read()
        if not isinstance(reply, list) and reply["id"] == "after":
            return None
        self.assertEqual(self.client.read()["id"], "after")
        return reply

    def assert_is_error(self, reply, code, request_id):
        self.assertEqual(set(reply), {"jsonrpc", "error", "id"})
        self.assertEqual(reply["jsonrpc"], "2.0")
        self.assertEqual(reply["error"]["code"], code)
        self.assertIsInstance(reply["error"]["message"], str)
        self.assertEqual(reply["id"], request_id)


class TestSpecificationExamples(JsonRpcTest):
    def test_call_with_named_parameters(self):
        reply = self.exchange_one(
            '{"jsonrpc": "2.0", "method": "spawn", "params": {"args": '
            '[42, -23], "function": "sum", "name": "subtract"}, "id": 3}')
        self.assertEqual(set(reply), {"jsonrpc", "result", "id"})
        self.assertEqual(reply["id"], 3)
        self.assertEqual(self.client.call("join", task="subtract"), 19)

    def test_call_with_named_parameters_in_another_order(self):
        reply = self.exchange_one(
            '{"id": 4, "params": {"name": "subtract", "function": "sum", '
            '"args": [42, -23]}, "method": "spawn", "jsonrpc": "2.0"}')
        self.assertEqual(reply["result"]["name"], "subtract")

    def test_call_with_positional_parameters_is_refused(self):
        reply = self.exchange_one('{"jsonrpc": "2.0", "method": "sleep", '
                                  '"params": [42, 23], "id": 1}')
        self.assert_is_error(reply, -32602, 1)
        self.assertIn("by name", reply["error"]["message"])

    def test_notification(self):
        self.assertIsNone(self.exchange_one(
            '{"jsonrpc": "2.0", "method": "spawn", "params": '
            '{"function": "sum", "args": [1, 2, 3, 4, 5], "name": "update"}}'))
        self.assertEqual(self.client.call("join", task="update"), 15)

    def test_notification_of_an_unknown_method(self):
        self.assertIsNone(self.exchange_one(
            '{"jsonrpc": "2.0", "method": "foobar"}'))

    def test_call_of_an_unknown_method(self):
        reply = self.exchange_one(
            '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}')
        self.assert_is_error(reply, -32601, "1")
        self.assertIn("Method not found", reply["error"]["message"])
        self.assertIn("foobar", reply["error"]["message"])

    def test_call_with_invalid_json(self):
        self.assert_is_error(self.exchange_one(
            '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]'),
            -32700, None)

    def test_call_with_an_invalid_request_object(self):
        self.assert_is_error(self.exchange_one(
            '{"jsonrpc": "2.0", "method": 1, "params": "bar"}'), -32600, None)

    def test_batch_of_invalid_json(self):
        self.assert_is_error(self.exchange_one(
            '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": '
            '"1"}, {"jsonrpc": "2.0", "method"]'), -32700, None)

    def test_empty_batch(self):
        self.assert_is_error(self.exchange_one("[]"), -32600, None)

    def test_batch_of_one_that_is_no_request(self):
        replies = self.exchange_one("[1]")
        self.assertEqual(len(replies), 1)
        self.assert_is_error(replies[0], -32600, None)

    def test_batch_of_what_are_no_requests(self):
        replies = self.exchange_one("[1,2,3]")
        self.assertEqual(len(replies), 3)
        for reply in replies:
            self.assert_is_error(reply, -32600, None)

    def test_mixed_batch(self):
        replies = self.exchange_one("""[
            {"jsonrpc": "2.0", "method": "ping", "id": "1"},
            {"jsonrpc": "2.0", "method": "spawn",
             "params": {"function": "echo", "args": [7]}},
            {"jsonrpc": "2.0", "method": "version", "params": {}, "id": "2"},
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get",
             "params": {"name": "myself"}, "id": "5"},
            {"jsonrpc": "2.0", "method": "ping", "id": "9"}
        ]""".replace("\n", " "))
        self.assertEqual([reply["id"] for reply in replies],
                         ["1", "2", None, "5", "9"])
        self.assertEqual(replies[0]["result"], "pong")
        self.assertEqual(replies[1]["result"]["name"], "taskletd")
        self.assert_is_error(replies[2], -32600, None)
        self.assert_is_error(replies[3], -32601, "5")

    def test_batch_of_notifications_gets_nothing(self):
        self.assertIsNone(self.exchange_one(
            '[{"jsonrpc": "2.0", "method": "ping"},'
            '{"jsonrpc": "2.0", "method": "foobar"}]'))


class TestIds(JsonRpcTest):
    def test_any_id_comes_back_as_it_was(self):
        for request_id in (0, -1, 2**63 - 1, -2**63, 1.5, 1e300, -0.25, "",
                           "1", "é\u0000\n\U0001f600", "x" * 100000, None):
            with self.subTest(id=str(request_id)[:20]):
                self.client.send_json(request("ping", id=request_id))
                reply = self.client.read()
                self.assertEqual(reply["result"], "pong")
                self.assertEqual(reply["id"], request_id)
                self.assertIs(type(reply["id"]), type(request_id))

    def test_a_null_id_is_no_notification(self):
        self.client.send_json(request("nothing", id=None))
        self.assert_is_error(self.client.read(), -32601, None)

    def test_an_id_used_twice_gets_two_replies(self):
        self.client.send_json(request("ping", id=1))
        self.client.send_json(request("ping", id=1))
        self.assertEqual(self.client.read(), PONG)
        self.assertEqual(self.client.read(), PONG)

    def test_members_that_the_specification_does_not_name_are_ignored(self):
        self.client.send_json(request("ping", id=1, extension=[{}]))
        self.assertEqual(self.client.read(), PONG)

    def test_parameters_may_be_absent_or_empty(self):
        for params in (None, {}):
            self.client.send_json(request("ping", params, id=1))
            self.assertEqual(self.client.read(), PONG)


class TestNotifications(JsonRpcTest):
    def test_one_that_waits_is_never_answered(self):
        task = self.client.spawn("sleep", 1e9)
        self.client.send_json(request("join", {"task": task}))
        self.client.send_json(request("sleep", {"seconds": 0}))
        self.client.call("cancel", task=task)
        self.client.call("sleep", seconds=0.01)
        self.assertTrue(self.client.is_silent())

    def test_one_that_fails_is_not_answered(self):
        self.client.send_json(request("show", {"task": -1}))
        self.client.send_json(request("show", {"nonsense": -1}))
        self.client.send_json(request("show", [1]))
        self.assertEqual(self.client.call("ping"), "pong")
        self.assertTrue(self.client.is_silent())

    def test_they_are_carried_out_in_order(self):
        for i in range(100):
            self.client.send_json(request(
                "spawn", {"function": "echo", "args": [i], "name": f"n{i}"}))
        ids = [self.client.call("show", task=f"n{i}")["id"]
               for i in range(100)]
        self.assertEqual(ids, sorted(ids))


class TestOrderOfReplies(JsonRpcTest):
    def test_replies_come_as_they_are_ready(self):
        self.client.send(
            line(request("sleep", {"seconds": 0.2}, id="slow")) +
            line(request("sleep", {"seconds": 0.1}, id="fast")) +
            line(request("ping", id="ping")))
        self.assertEqual([self.client.read()["id"] for _ in range(3)],
                         ["ping", "fast", "slow"])

    def test_replies_to_what_waits_for_nothing_come_in_order(self):
        lines = b"".join(line(request("ping", id=i)) for i in range(5000))
        replies = self.client.exchange(lines, 5000)
        self.assertEqual([json.loads(reply)["id"] for reply in replies],
                         list(range(5000)))


class TestBatches(JsonRpcTest):
    def test_a_batch_of_waits_is_answered_when_the_last_is_ready(self):
        waits = [request("sleep", {"seconds": s}, id=s)
                 for s in (0.3, 0.1, 0.2)]
        self.client.send(line(waits) + line(request("ping", id="ping")))
        self.assertEqual(self.client.read()["id"], "ping")
        replies = self.client.read()
        self.assertEqual([reply["id"] for reply in replies],
                         [0.1, 0.2, 0.3])

    def test_batches_that_wait_do_not_mix(self):
        self.client.send(line([request("sleep", {"seconds": 0.1}, id="a"),
                               request("ping", id="b")]) +
                         line([request("ping", id="c"),
                               request("sleep", {"seconds": 0}, id="d")]))
        ids = [[reply["id"] for reply in self.client.read()]
               for _ in range(2)]
        self.assertEqual(ids, [["c", "d"], ["b", "a"]])

    def test_notifications_in_a_batch_that_wait_hold_it_up(self):
        task = self.client.spawn("sleep", 1e9)
        self.client.send_json([request("join", {"task": task}),
                               request("ping", id=1)])
        self.client.call("cancel", task=task)
        self.assertEqual(self.client.read(), [PONG])

    def test_a_batch_spawns_and_joins(self):
        self.client.send_json([
            request("spawn", {"function": "sum", "args": [1, 2],
                              "name": "in a batch"}, id=1),
            request("join", {"task": "in a batch"}, id=2)])
        self.assertEqual(self.client.read()[1]["result"], 3)

    def test_a_batch_in_a_batch_is_no_request(self):
        self.client.send_json([[request("ping", id=1)]])
        self.assert_is_error(self.client.read()[0], -32600, None)

    def test_a_batch_of_10000(self):
        self.client.send_json([request("ping", id=i) for i in range(10000)])
        replies = self.client.read()
        self.assertEqual([reply["id"] for reply in replies],
                         list(range(10000)))

    def test_a_batch_whose_replies_exceed_the_output_bound(self):
        self.client.send_json([request("functions", id=i)
                               for i in range(10000)])
        self.assertEqual(len(self.client.read()), 10000)

    def test_a_batch_goes_on_while_others_wait(self):
        task = self.client.spawn("sleep", 1e9)
        joins = 100
        for _ in range(joins):
            self.client.send_json([request("join", {"task": task}, id="join"),
                                   request("ping", id="ping")])
        self.client.call("cancel", task=task)
        for _ in range(joins):
            self.assertEqual([reply["id"] for reply in self.client.read()],
                             ["ping", "join"])

    def test_a_batch_may_cancel_its_own_connection(self):
        # The params of the request that does so were freed under it.
        own = self.client.call("current")["id"]
        tasks = [self.client.spawn("sleep", 1e9) for _ in range(2)]
        self.client.send_json([
            request("cancel", {"tasks": [own] + tasks, "only": True}, id=1),
            request("ping", id=2)])
        self.assertEqual(self.client.read(), [
            {"jsonrpc": "2.0", "id": 1,
             "result": {"cancelled": [own] + tasks, "count": 3}}])
        self.assertIsNone(self.client.read_line())


if __name__ == "__main__":
    unittest.main()
