#!/usr/bin/env python3
"""Anything in any order: clients that come, go, wait, spawn, cancel and page
at random. What holds throughout: every reply answers a request, the tree is
whole, and in the end nothing is left."""

import json
import random
import unittest

from daemon import DaemonTest, line, request

CLIENTS = 8
STEPS = 700


class TestStress(DaemonTest):
    def setUp(self):
        super().setUp()
        self.first = self.bystander_task + 1

    def some_task(self, rng):
        """An id that may be of a task: live, finished, gone, a client."""
        newest = self.bystander.call("stats")["spawned"]
        return rng.randrange(max(self.first, newest - 60), newest + 2)

    def some_request(self, rng, request_id):
        task, other = self.some_task(rng), self.some_task(rng)
        name = f"name{rng.randrange(10)}"
        method, params = rng.choice((
            ("spawn", {"function": "sleep", "args": [rng.random() / 10],
                       "parent": task, "name": name,
                       "scope": rng.choice(("detach", "wait", "cancel"))}),
            ("spawn", {"function": "sleep", "args": [1e9], "name": name,
                       "scope": rng.choice(("detach", "wait", "cancel")),
                       "timeout": rng.random() / 10}),
            ("spawn", {"function": "echo", "args": [name] * 10,
                       "scope": "wait", "name": name, "unique": True}),
            ("spawn", {"function": "print", "args": [name * 100],
                       "parent": task}),
            ("join", {"task": task, "timeout": rng.random() / 5}),
            ("join", {"tasks": [task, other], "mode": "any",
                      "timeout": 0.1}),
            ("join", {"tasks": [task, other, task], "timeout": 0.05}),
            ("sleep", {"seconds": rng.random() / 10}),
            ("cancel", {"task": task}),
            ("cancel", {"tasks": [task, other], "only": True, "reason": "x"}),
            ("cancel", {"task": name}),
            ("tree", {"limit": 5}), ("tree", {"task": task, "limit": 3}),
            ("tree", {"after": rng.randrange(1, 30), "limit": 2}),
            ("list", {"after": rng.randrange(1, 30), "limit": 2}),
            ("list", {"name": "name*", "limit": 20}), ("show", {"task": name}),
            ("output", {"task": task}), ("children", {"task": task}),
            ("current", {}), ("stats", {})))
        if rng.random() < 0.1:
            return request(method, params)
        return request(method, params, id=request_id)

    def act(self, rng, clients):
        i = rng.randrange(CLIENTS)
        data = line([self.some_request(rng, j) for j in range(4)]
                    if rng.random() < 0.3 else self.some_request(rng, 0))
        chance = rng.random()
        if chance < 0.05:
            data = data[:rng.randrange(len(data))]
        try:
            clients[i].send(data)
        except OSError:
            chance = 0  # its task was cancelled
        if chance < 0.1:
            clients[i].close()
            clients[i] = self.connect()
        elif chance < 0.15:
            self.read_to_the_end(clients[i])
            clients[i] = self.connect()

    def read_to_the_end(self, client):
        try:
            client.half_close()
        except OSError:
            pass  # it has been closed by the daemon
        while (text := self.next_line(client)) is not None:
            replies = json.loads(text)
            for reply in replies if isinstance(replies, list) else [replies]:
                self.assertEqual(reply["jsonrpc"], "2.0")
                self.assertNotEqual("result" in reply, "error" in reply)

    @staticmethod
    def next_line(client):
        try:
            return client.read_line()
        except ConnectionResetError:
            return None  # closed by the daemon, which had not read all

    def assert_whole(self):
        self.bystander.send_json([request("tree", {"limit": 10000}, id=1),
                                  request("stats", id=2)])
        tree, stats = (reply["result"] for reply in self.bystander.read())
        above = []
        for row in tree["tasks"]:
            del above[row["level"]:]
            self.assertEqual(row.get("parent"), above[-1] if above else None)
            above.append(row["id"])
        ids = {row["id"] for row in tree["tasks"]}
        self.assertEqual(stats["tasks"]["live"], len(ids))

    def test_random_requests_of_random_clients(self):
        for seed in range(3):
            rng = random.Random(seed)
            clients = [self.connect() for _ in range(CLIENTS)]
            with self.subTest(seed=seed):
                for step in range(STEPS):
                    self.act(rng, clients)
                    if step % 100 == 0:
                        self.assert_whole()
                for client in clients:
                    client.close()


if __name__ == "__main__":
    unittest.main()
