#!/usr/bin/env python3
"""Each bound of the daemon, set low by its option: where it bites it says so,
or holds up the client that it bounds, and nobody else."""

import json
import threading
import unittest

from daemon import DaemonTest, eventually, line, request


class LimitTest(DaemonTest):
    def tearDown(self):
        super().tearDown()
        self.cancel_all()

    def assert_limit(self, limit, bound, function, /, *args, **params):
        error = self.assert_error("LimitExceeded", function, *args, **params)
        self.assertEqual((error.code, error.data["limit"]), (6, limit))
        self.assertIn(str(bound), str(error))

    def assert_told_and_closed(self, client, limit):
        """The last thing that the client hears is that limit."""
        error = client.read()["error"]
        self.assertEqual((error["code"], error["data"]["limit"]), (6, limit))
        self.assertIsNone(client.read_line())

    def result(self, function, /, *args):
        return self.client.call("join", task=self.client.spawn(function,
                                                               *args))

    def requests(self):
        """How many the daemon has taken."""
        return self.bystander.call("stats")["requests"]

    def settled_requests(self):
        """The same, once it takes no more but these."""
        before, own = 0, 2
        while (taken := self.requests()) > before + own:
            before = taken
            self.bystander.call("sleep", seconds=0.1)
        return taken


class TestMessage(LimitTest):
    options = ("--max-message", "1000")

    def ping(self, length):
        text = json.dumps(request("ping", id=1)).encode()
        return text + b" " * (length - len(text)) + b"\n"

    def test_one_as_long_as_the_bound_is_read(self):
        self.client.send(self.ping(1000) * 3)
        for _ in range(3):
            self.assertEqual(self.client.read()["result"], "pong")

    def test_one_that_is_longer_ends_the_connection(self):
        self.client.send(self.ping(1000) + self.ping(1001) + self.ping(1000))
        self.assertEqual(self.client.read()["result"], "pong")
        self.assert_told_and_closed(self.client, "message")

    def test_one_that_does_not_end(self):
        self.client.send(b" " * 1001)
        self.assert_told_and_closed(self.client, "message")


class TestReply(LimitTest):
    options = ("--max-reply", "20000")

    def test_one_that_is_longer_is_refused(self):
        self.assertEqual(self.result("echo", "x" * 19900), ["x" * 19900])
        self.assert_limit("reply", 20000, self.result, "echo", "x" * 20000)
        self.assertEqual(self.client.call("ping"), "pong")

    def test_a_batch_is_one_reply(self):
        text = "x" * 5000
        task = self.client.spawn("echo", text)
        self.client.call("join", task=task)
        self.client.send(line([request("join", {"task": task}, id=i)
                               for i in range(10)]))
        replies = self.client.read()
        self.assertEqual(len(replies), 10)
        self.assertEqual([reply["result"] for reply in replies[:3]],
                         [[text]] * 3)
        self.assertEqual({reply["error"]["data"]["limit"]
                          for reply in replies[4:]}, {"reply"})


class TestQueued(LimitTest):
    options = ("--max-queued", "20000")
    COUNT = 50000  # more than the sockets' own buffers hold

    def test_a_client_that_does_not_read_is_not_read_from(self):
        before = self.requests()
        sender = threading.Thread(target=self.client.send, args=(b"".join(
            line(request("ping", id=i)) for i in range(self.COUNT)),))
        sender.start()
        self.assertLess(self.settled_requests() - before, self.COUNT)
        replies = [self.client.read()["id"] for _ in range(self.COUNT)]
        sender.join()
        self.assertEqual(replies, list(range(self.COUNT)))

    def test_one_reply_may_be_longer(self):
        self.assertEqual(self.result("echo", "x" * 100000), ["x" * 100000])


class TestWaiting(LimitTest):
    options = ("--max-waiting", "10")

    def test_a_client_that_waits_for_as_much_is_not_read_from(self):
        sleeps = [self.client.start("sleep", seconds=1e9) for _ in range(9)]
        task = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.client.call("ping"), "pong")
        join = self.client.start("join", task=task)
        ping = self.client.start("ping")
        for _ in range(3):
            self.bystander.call("sleep", seconds=0.01)
        self.assertTrue(self.client.is_silent())
        self.bystander.call("cancel", task=task)
        self.assert_join_error("cancelled", self.client.finish, join)
        self.assertEqual(self.client.finish(ping), "pong")
        self.assertEqual(len(sleeps), 9)

    def test_the_tasks_of_a_join_count(self):
        tasks = [self.client.spawn("sleep", 1e9) for _ in range(10)]
        join = self.client.start("join", tasks=tasks)
        ping = self.client.start("ping")
        for _ in range(3):
            self.bystander.call("sleep", seconds=0.01)
        self.assertTrue(self.client.is_silent())
        self.bystander.call("cancel", tasks=tasks)
        self.assertEqual(len(self.client.finish(join)), 10)
        self.assertEqual(self.client.finish(ping), "pong")


class TestClients(LimitTest):
    options = ("--max-clients", "6", "--max-clients-per-uid", "6")

    def test_one_too_many_is_told_and_closed(self):
        others = [self.connect() for _ in range(3)]
        for other in others:
            other.call("ping")
        for _ in range(3):
            self.assert_told_and_closed(self.connect(), "clients")
        for client in (*others, self.client, self.bystander):
            self.assertEqual(client.call("ping"), "pong")
        others[0].close()
        eventually(self.is_let_in)

    def is_let_in(self):
        client = self.connect()
        try:
            client.start("ping")
            return client.read().get("result") == "pong"
        except ConnectionError:  # told and closed before it could ask
            return False
        finally:
            client.close()


class TestClientsPerUser(TestClients):
    options = ("--max-clients-per-uid", "6")

    def test_one_too_many_is_told_and_closed(self):
        others = [self.connect() for _ in range(3)]
        for other in others:
            other.call("ping")
        self.assert_told_and_closed(self.connect(), "clients_per_uid")
        others[0].close()
        eventually(self.is_let_in)


class TestClientsPerUserByDefault(TestClients):
    options = ("--max-clients", "11")  # half of that, rounded up

    def test_one_too_many_is_told_and_closed(self):
        TestClientsPerUser.test_one_too_many_is_told_and_closed(self)


class TestTasks(LimitTest):
    options = ("--max-tasks", "20")

    def test_one_too_many_is_refused(self):
        ended = self.client.spawn("echo")
        self.client.call("join", task=ended)
        live = self.client.call("stats")["tasks"]["live"]
        tasks = [self.client.spawn("sleep", 1e9) for _ in range(live, 20)]
        spawned = self.client.call("stats")["spawned"]
        for method, params in (
                ("spawn", {}), ("loop", {}), ("later", {"seconds": 0}),
                ("interval", {"seconds": 0}), ("rate", {"hertz": 1})):
            self.assert_limit("tasks", 20, self.client.call, method,
                              function="echo", args=[1], **params)
        self.assert_limit("tasks", 20, self.client.call, "rerun", task=ended)
        self.assertEqual(self.client.call("stats")["spawned"], spawned)
        self.client.call("cancel", task=tasks[0])
        self.assertEqual(self.result("sum", 1), 1)

    def test_clients_are_still_let_in(self):
        live = self.client.call("stats")["tasks"]["live"]
        for _ in range(live, 20):
            self.client.spawn("sleep", 1e9)
        other = self.connect()
        self.assertEqual(other.call("ping"), "pong")
        self.assert_limit("tasks", 20, other.spawn, "echo")


class RetentionTest(LimitTest):
    def run_one(self, *args, function="echo"):
        task = self.client.spawn(function, *args)
        self.client.call("join", tasks=[task])
        return task

    def are_kept(self, tasks):
        kept = {row["id"] for row in self.client.rows("list", finished=True)}
        return [task in kept for task in tasks]


class TestRetained(RetentionTest):
    options = ("--max-retained", "3")

    def test_the_oldest_go(self):
        tasks = [self.run_one(), self.run_one("why", function="fail"),
                 self.run_one(), self.run_one(), self.run_one()]
        self.assertEqual(self.are_kept(tasks), [False] * 2 + [True] * 3)
        self.assertEqual(self.client.call("stats")["tasks"]["retained"], 3)
        self.assert_error("NoSuchTask", self.client.call, "show",
                          task=tasks[0])

    def test_a_join_that_waits_gets_its_result_though(self):
        task = self.client.spawn("sum", 1, 2) + 1
        self.client.send(line([
            request("spawn", {"function": "sum", "args": [3, 4]}, id=0),
            request("join", {"task": task}, id=1),
            *(request("spawn", {"function": "echo"}, id=i)
              for i in range(2, 40))]))
        replies = {reply["id"]: reply for reply in self.client.read()}
        self.assertEqual(replies[0]["result"]["id"], task)
        self.assertEqual(replies[1]["result"], 7)

    def test_what_lives_does_not_count(self):
        live = [self.client.spawn("sleep", 1e9) for _ in range(10)]
        task = self.run_one()
        self.assertEqual(self.are_kept([task]), [True])
        for one in live:
            self.assertEqual(self.client.call("show", task=one)["id"], one)

    def test_forget_makes_room(self):
        tasks = [self.run_one() for _ in range(3)]
        self.client.call("forget", task=tasks[1])
        tasks.append(self.run_one())
        self.assertEqual(self.are_kept(tasks), [True, False, True, True])


class TestRetainedAge(RetentionTest):
    options = ("--max-retained-age", "1")

    def test_the_old_go(self):
        begun = self.client.call("stats")["uptime"]
        task = self.run_one()
        eventually(lambda: self.are_kept([task]) == [False])
        self.assertGreaterEqual(self.client.call("stats")["uptime"] - begun,
                                1)


class TestRetainedBytes(RetentionTest):
    options = ("--max-retained-bytes", "100000")

    def test_the_oldest_go(self):
        small = self.run_one()
        large = [self.run_one("x" * 15000) for _ in range(5)]
        self.assertEqual(self.are_kept([small, *large])[0], False)
        self.assertTrue(self.are_kept(large)[-1])
        self.assertLessEqual(
            self.client.call("stats")["tasks"]["retained_bytes"], 100000)

    def test_one_over_the_bound_goes_at_once_and_gives_its_result(self):
        task = self.run_one() + 1
        self.client.send(line([
            request("spawn", {"function": "echo", "args": ["x" * 100000]},
                    id=0),
            request("join", {"task": task}, id=1)]))
        replies = {reply["id"]: reply for reply in self.client.read()}
        self.assertEqual(replies[1]["result"], ["x" * 100000])
        self.assertEqual(self.are_kept([task]), [False])

    def test_output_counts(self):
        tasks = [self.run_one("x" * 30000, function="print")
                 for _ in range(4)]
        self.assertFalse(self.are_kept(tasks)[0])


class TestOutput(LimitTest):
    options = ("--max-output", "1000")

    def test_the_last_of_it_is_kept(self):
        task = self.client.spawn("print", "a" * 500 + "b" * 999)
        self.client.call("join", task=task)
        output = self.client.call("output", task=task)
        self.assertEqual(output, {"data": "b" * 999 + "\n", "next": 1500,
                                  "lost": 500})

    def test_of_what_fits_nothing_is_lost(self):
        task = self.client.spawn("print", "a" * 999)
        self.client.call("join", task=task)
        output = self.client.call("output", task=task)
        self.assertEqual((len(output["data"]), output["lost"]), (1000, 0))


class TestPage(LimitTest):
    options = ("--max-page", "7")

    def test_is_what_a_page_has_unless_it_is_told(self):
        for _ in range(20):
            self.client.spawn("sleep", 1e9)
        for method in ("tree", "list"):
            page = self.client.call(method)
            self.assertEqual(len(page["tasks"]), 7)
            self.assertIsNotNone(page["next"])
            page = self.client.call(method, after=page["next"])
            self.assertEqual(len(page["tasks"]), 7)
            self.assertGreater(len(self.client.call(
                method, limit=10000)["tasks"]), 20)
            self.assert_error("InvalidParams", self.client.call, method,
                              limit=10001)


if __name__ == "__main__":
    unittest.main()
