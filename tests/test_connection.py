#!/usr/bin/env python3
"""Connections: half-closed, vanished, slow, oversize, too many, never
reading. Each harms itself alone."""

import itertools
import json
import random
import resource
import socket
import time
import unittest

from daemon import (MESSAGE_LIMIT, SCALE, DaemonTest, eventually, line,
                    request, scaled)

PING = line(request("ping", id=1))
PONG = {"jsonrpc": "2.0", "result": "pong", "id": 1}
MEGABYTE = 1024 * 1024


class ConnectionTest(DaemonTest):
    def clients(self):
        return self.bystander.call("stats")["clients"]

    def assert_closed(self, client):
        self.assertIsNone(client.read_line())

    def assert_pong(self, client):
        self.assertEqual(client.read(), PONG)


class TestLines(ConnectionTest):
    def test_a_cr_before_the_lf_is_accepted(self):
        self.client.send(PING[:-1] + b"\r\n")
        self.assert_pong(self.client)

    def test_blank_lines_are_ignored(self):
        self.client.send(b"\n\r\n \t \n\n" + PING + b"\n\n")
        self.assert_pong(self.client)
        self.client.call("ping")
        self.assertTrue(self.client.is_silent())

    def test_space_around_a_text_is_ignored(self):
        self.client.send(b" \t" + PING[:-1] + b" \t\n")
        self.assert_pong(self.client)

    def test_many_in_one_packet(self):
        self.client.send(PING * 1000)
        for _ in range(1000):
            self.assert_pong(self.client)

    def test_one_that_comes_byte_by_byte(self):
        for i in range(len(PING)):
            self.client.send(PING[i:i + 1])
            self.bystander.call("ping")
        self.assert_pong(self.client)

    def test_pieces_of_any_size(self):
        rng = random.Random(1)
        data = PING * 500
        while data:
            size = rng.randrange(1, 200)
            self.client.send(data[:size])
            data = data[size:]
        for _ in range(500):
            self.assert_pong(self.client)


class TestMessageLimit(ConnectionTest):
    def padded(self, size):
        """A ping of that many bytes before the LF."""
        return PING[:-1].ljust(size) + b"\n"

    def assert_over_limit(self, client):
        reply = client.read()
        self.assertIsNone(reply["id"])
        self.assertEqual(reply["error"]["code"], 6)
        self.assertEqual(reply["error"]["data"]["type"], "LimitExceeded")
        self.assertEqual(reply["error"]["data"]["limit"], "message")

    def test_a_line_of_the_limit_is_taken(self):
        self.client.send(self.padded(MESSAGE_LIMIT))
        self.assert_pong(self.client)

    def test_one_byte_over_is_refused_and_the_connection_closed(self):
        self.client.send(self.padded(MESSAGE_LIMIT + 1))
        self.assert_over_limit(self.client)
        self.assert_closed(self.client)

    def test_a_line_that_never_ends_is_refused(self):
        before = self.daemon.resident()
        self.client.send(b"[" * (MESSAGE_LIMIT + 1))
        self.assert_over_limit(self.client)
        self.assert_closed(self.client)
        try:
            for _ in range(8):
                self.client.send(b"[" * MEGABYTE)  # drained, not kept
        except BrokenPipeError:
            pass  # it took over a second
        self.assertLess(self.daemon.resident() - before, 8 * MEGABYTE)

    def test_what_is_sent_after_it_is_not_carried_out(self):
        spawn = line(request("spawn", {"function": "echo", "name": "never"}))
        self.client.send(self.padded(MESSAGE_LIMIT + 1) + spawn)
        self.assert_over_limit(self.client)
        self.assert_closed(self.client)
        self.assert_error("NoSuchTask", self.bystander.call, "show",
                          task="never")

    def test_what_was_asked_before_is_answered_first(self):
        self.client.start("sleep", seconds=1e9)
        self.client.send(PING + self.padded(MESSAGE_LIMIT + 1))
        replies = [self.client.read() for _ in range(3)]
        self.assertEqual(replies[0], PONG)
        self.assertEqual([reply["error"]["data"]["type"]
                          for reply in replies[1:]],
                         ["LimitExceeded", "Cancelled"])
        self.assert_closed(self.client)

    def test_one_that_does_not_go_is_closed(self):
        before = self.clients()
        self.client.send(self.padded(MESSAGE_LIMIT + 1))
        self.assert_over_limit(self.client)
        eventually(lambda: self.clients() == before - 1)
        with self.assertRaises(OSError):
            self.client.send(PING)


class TestHalfClosed(ConnectionTest):
    def test_it_still_gets_its_replies(self):
        task = self.client.spawn("sleep", 1e9)
        self.client.start("join", task=task)
        self.client.start("sleep", seconds=0.02)
        self.client.send(PING * 100)
        self.client.half_close()
        results = [self.client.read()["result"] for _ in range(101)]
        self.assertEqual((results.count("pong"), results.count(None)),
                         (100, 1))
        self.bystander.call("cancel", task=task)
        self.assertEqual(self.client.read()["error"]["code"], 1)
        self.assert_closed(self.client)

    def test_its_last_line_needs_no_lf(self):
        self.client.send(PING + PING[:-1])
        self.client.half_close()
        self.assert_pong(self.client)
        self.assert_pong(self.client)
        self.assert_closed(self.client)

    def test_a_line_that_was_cut_is_a_parse_error(self):
        self.client.send(PING[:-5])
        self.client.half_close()
        self.assertEqual(self.client.read()["error"]["code"], -32700)
        self.assert_closed(self.client)

    def test_with_nothing_to_say_it_is_closed(self):
        self.client.half_close()
        self.assert_closed(self.client)

    def test_with_more_to_read_than_is_queued(self):
        count = 4000  # of 700 bytes: the replies do not fit in the socket
        self.client.send(line(request("functions", id=1)) * count)
        self.client.half_close()
        self.bystander.call("sleep", seconds=0.05)
        for _ in range(count):
            self.assertIsNotNone(self.client.read_line())
        self.assert_closed(self.client)

    def test_one_that_then_vanishes_is_dropped(self):
        before = self.clients()
        self.client.start("join", task=self.bystander_task)
        self.client.half_close()
        self.assertEqual(self.clients(), before)
        self.client.close()
        eventually(lambda: self.clients() == before - 1)


class TestVanished(ConnectionTest):
    def setUp(self):
        super().setUp()
        self.before = self.clients() - 1

    def assert_dropped(self):
        eventually(lambda: self.clients() == self.before)

    def test_in_the_middle_of_a_request(self):
        for size in (1, len(PING) // 2, len(PING) - 1):
            client = self.connect()
            client.send(PING[:size])
            client.close()
        self.client.close()
        self.assert_dropped()

    def test_in_the_middle_of_a_reply(self):
        self.client.send(line(request("functions", id=1)) * 2000)
        self.client.socket.recv(100)
        self.client.close()
        self.assert_dropped()

    def test_in_the_middle_of_a_reply_that_it_does_not_read(self):
        for client in (self.client, self.connect()):
            client.socket.setblocking(False)
            fill(client, line(request("functions", id=1)))
            client.close()
        self.assert_dropped()

    def test_in_the_middle_of_a_join(self):
        self.client.start("join", task=self.bystander_task)
        self.client.start("join", tasks=[self.bystander_task] * 1000)
        self.client.close()
        self.assert_dropped()

    def test_in_the_middle_of_a_batch(self):
        self.client.send_json([request("join", {"task": self.bystander_task},
                                       id=1)] * 1000 +
                              [request("ping", id=2)] * 5000)
        self.client.close()
        self.assert_dropped()

    def test_in_the_middle_of_a_batch_that_waits_for_more_than_it_may(self):
        self.client.send_json([request(
            "join", {"tasks": [self.bystander_task] * 5000}, id=1)] * 20)
        self.client.close()
        self.assert_dropped()

    def test_what_it_had_sent_is_carried_out(self):
        self.client.start("join", task=self.bystander_task)
        self.client.send(b"".join(line(request(
            "spawn", {"function": "sum", "args": [i], "name": "left"}, id=i))
                                  for i in range(1000)))
        self.client.close()
        self.assert_dropped()
        self.assertEqual(self.bystander.call("join", task="left"), 999)

    def test_at_once(self):
        for _ in range(200):
            self.connect().close()
        self.client.close()
        self.assert_dropped()


def fill(client, data):
    """Sends that again and again until the daemon takes no more of it for a
    while; returns how many bytes it took."""
    sent, quiet_since = 0, time.monotonic()
    client.socket.setblocking(False)
    while time.monotonic() - quiet_since < 0.2 and sent < 256 * MEGABYTE:
        try:
            sent += client.socket.send(data[sent % len(data):] + data * 100)
            quiet_since = time.monotonic()
        except BlockingIOError:
            time.sleep(0.005)
    return sent


class TestNeverReading(ConnectionTest):
    """What the daemon keeps for one is its queue of 4 MiB, a line, and what
    the allocator adds; the instrumented daemon's own needs cover that up."""

    def assert_paused(self, data):
        before = self.daemon.resident()
        sent = fill(self.client, data)
        if SCALE == 1:
            self.assertLess(self.daemon.resident() - before, 24 * MEGABYTE)
        begin = time.monotonic()
        for _ in range(10):
            self.bystander.call("ping")
        self.assertLess(time.monotonic() - begin, 30)
        return sent

    def assert_goes_on(self, data, sent):
        """Once it reads, all it had sent is answered."""
        self.client.socket.settimeout(60)
        complete = sent // len(data)
        rest = data[sent % len(data):] if sent % len(data) else b""
        replies = complete + (1 if rest else 0)
        for text in self.client.exchange(rest, replies):
            self.assertIsNotNone(text)
        self.assertEqual(self.client.call("ping"), "pong")

    def test_with_many_small_replies(self):
        self.assert_goes_on(PING, self.assert_paused(PING))

    def test_with_many_small_batches(self):
        batch = line([request("ping", id=1)])
        self.assert_goes_on(batch, self.assert_paused(batch))

    def test_with_large_replies(self):
        functions = line(request("functions", id=1))
        self.assert_goes_on(functions, self.assert_paused(functions))

    def test_with_late_replies(self):
        sleep = line(request("sleep", {"seconds": 0}, id="x" * 1000))
        self.assert_goes_on(sleep, self.assert_paused(sleep))

    def test_with_requests_of_long_ids_that_wait(self):
        self.assert_paused(line(request("sleep", {"seconds": 1e9},
                                        id="x" * 100000)))

    def test_with_requests_that_wait(self):
        self.assert_paused(line(request("sleep", {"seconds": 1e9}, id=1)))

    def test_whose_task_is_cancelled_is_dropped(self):
        own = self.client.call("current")["id"]
        before = self.clients()
        fill(self.client, PING)
        self.bystander.call("cancel", task=own)
        eventually(lambda: self.clients() == before - 1)


class TestGatheredReplies(ConnectionTest):
    def test_batches_that_wait_hold_no_more_than_one_reply_may(self):
        """Each joins a large result, and a task that does not end."""
        before = self.daemon.resident()
        size, count = MEGABYTE // 2, 400
        self.client.send_json([
            request("spawn", {"function": "echo", "args": ["x" * size],
                              "scope": "wait", "name": "large"}, id=1),
            request("spawn", {"function": "sleep", "args": [1e9],
                              "parent": "large", "name": "below"}, id=2)])
        self.client.read()
        forever = self.client.spawn("sleep", 1e9)
        self.client.send(line([request("join", {"task": "large"}, id=1),
                               request("join", {"task": forever}, id=2)]) *
                         count)
        self.client.call("ping")
        self.bystander.call("cancel", task="below")
        for _ in range(10):
            self.bystander.call("sleep", seconds=0.02)
        if SCALE == 1:
            self.assertLess(self.daemon.resident() - before, 100 * MEGABYTE)
        self.bystander.call("cancel", task=forever)
        kinds = [next(reply for reply in self.client.read()
                      if reply["id"] == 1).get("error", {}).get("code")
                 for _ in range(count)]
        self.assertEqual(set(kinds), {None, 6})


class TestMany(ConnectionTest):
    COUNT = scaled(1000)

    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 2 * self.COUNT + 100:
            self.skipTest("too few descriptors are allowed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE,
                        (soft, hard))
        super().setUp()

    def test_1000_clients_at_once_are_served(self):
        clients = [self.connect() for _ in range(self.COUNT)]
        for client in clients:
            client.send(PING)
        for client in clients:
            self.assert_pong(client)
        owns = {client.call("current")["id"] for client in clients}
        self.assertEqual(len(owns), self.COUNT)

    def test_1000_clients_that_join_one_task_are_told(self):
        task = self.client.spawn("sleep", 1e9)
        clients = [self.connect() for _ in range(self.COUNT)]
        for client in clients:
            client.start("join", task=task)
            client.send(PING)
            self.assert_pong(client)
        self.bystander.call("cancel", task=task)
        for client in clients:
            self.assertEqual(client.read()["error"]["code"], 1)

    def test_1000_clients_that_all_flood_leave_room_for_another(self):
        clients = [self.connect() for _ in range(self.COUNT)]
        for client in clients:
            client.send(PING * 500)
        begin = time.monotonic()
        self.bystander.call("ping")
        self.assertLess(time.monotonic() - begin, 40)
        for client in clients:
            for _ in range(500):
                self.assertIsNotNone(client.read_line())


class TestFewDescriptors(ConnectionTest):
    """64 are all that the process may have: 32 clients, 16 of one user."""

    descriptors = 64
    MOST = 16

    def setUp(self):
        super().setUp()
        self.others = self.clients()

    def fill_up(self):
        clients = [self.connect() for _ in range(self.MOST - self.others)]
        for client in clients:
            client.send(PING)
            self.assert_pong(client)
        return clients

    def assert_refused(self, client):
        reply = client.read()
        self.assertIsNone(reply["id"])
        self.assertEqual(reply["error"]["code"], 6)
        self.assertEqual(reply["error"]["data"],
                         {"type": "LimitExceeded",
                          "limit": "clients_per_uid"})
        self.assertIn(str(self.MOST), reply["error"]["message"])
        self.assert_closed(client)

    def test_a_user_has_at_most_half_of_the_clients(self):
        clients = self.fill_up()
        for _ in range(100):
            self.assert_refused(self.connect())
        for client in clients:
            self.assertEqual(client.call("ping"), "pong")

    def test_one_that_goes_makes_room(self):
        clients = self.fill_up()
        self.assert_refused(self.connect())
        clients.pop().close()
        eventually(lambda: self.clients() < self.MOST)
        self.assertEqual(self.connect().call("ping"), "pong")


class TestDescriptorsRunOut(ConnectionTest):
    def allow_more_descriptors(self, count):
        """So many beside those in use, from now on; the numbers of those that
        valgrind uses are high."""
        used = {int(name) for name in self.daemon.descriptors_in_use()}
        free = (i for i in itertools.count() if i not in used)
        highest = next(itertools.islice(free, count - 1, None))
        resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE,
                         (highest + 1, self.hard))

    def setUp(self):
        super().setUp()
        # Those of the test before have gone: our two, and the watcher, stay.
        eventually(lambda: self.clients() == 3)
        before = resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE)
        self.hard = before[1]
        self.addCleanup(resource.prlimit, self.daemon.pid,
                        resource.RLIMIT_NOFILE, before)
        self.allow_more_descriptors(5)

    def connect_until_none_is_left(self):
        """Clients that are served, then some that are not."""
        clients = [self.connect() for _ in range(10)]
        for client in clients:
            client.send(PING)
        eventually(lambda: "accepting is paused" in self.daemon.log())
        for client in clients[:5]:
            self.assert_pong(client)
        self.bystander.call("sleep", seconds=0.05)
        for client in clients[5:]:
            self.assertTrue(client.is_silent())
        return clients

    def test_those_that_wait_come_in_as_others_go(self):
        clients = self.connect_until_none_is_left()
        for served, waiting in zip(clients[:5], clients[5:]):
            served.close()
            self.assert_pong(waiting)

    def test_the_log_tells_of_it_once(self):
        before = self.daemon.log().count("accepting is paused")
        self.connect_until_none_is_left()
        self.bystander.call("sleep", seconds=2.5)  # it tries each second
        after = self.daemon.log().count("accepting is paused")
        self.assertEqual(after, before + 1)

    def test_those_that_wait_come_in_when_there_are_more(self):
        clients = self.connect_until_none_is_left()
        self.allow_more_descriptors(20)
        for client in clients[5:]:
            self.assert_pong(client)


class TestAbuse(ConnectionTest):
    def test_a_descriptor_that_is_sent_along_is_not_kept(self):
        before = self.daemon.descriptors_in_use()
        socket.send_fds(self.client.socket, [PING], [0, 1, 2])
        self.assert_pong(self.client)
        self.daemon.await_descriptors(before)

    def test_random_bytes_get_errors_alone(self):
        rng = random.Random(1)
        for _ in range(200):
            self.client.send(rng.randbytes(rng.randrange(1000)) + b"\n")
        self.client.half_close()
        while (text := self.client.read_line()) is not None:
            self.assertEqual(json.loads(text)["error"]["code"], -32700)

    def test_a_message_with_random_changes_is_answered_or_refused(self):
        rng = random.Random(2)
        message = line([request("spawn", {"function": "sum", "args": [1, 2.5],
                                          "name": "changed"}, id=1),
                        request("list", {"limit": 3}, id="x")])
        for _ in range(2000):
            changed = bytearray(message[:-1])
            for _ in range(rng.randrange(1, 4)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            self.client.send(bytes(changed).replace(b"\n", b" ") + b"\n")
            self.client.send(PING)
            reply = self.client.read()
            if reply != PONG:
                self.assert_pong(self.client)


if __name__ == "__main__":
    unittest.main()
