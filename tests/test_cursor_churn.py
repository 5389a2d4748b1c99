#!/usr/bin/env python3
"""Walks over the tasks, page by page, while another connection makes tasks
that come, end and are adopted: each task that lives throughout is seen
exactly once."""

import collections
import random
import threading
import time
import unittest

from daemon import DaemonTest, line, request, scaled

CHURNED = scaled(50000)  # at least
SURVIVORS = scaled(2000)
DOOMED = scaled(3000)  # live with them from the beginning, and go
CHUNK = 500
WALKS = 3  # of each kind


class Churn:
    """What another connection asks for. Ids rise by one and nobody else
    spawns, so that it knows them beforehand."""

    def __init__(self, first_id, top, seed):
        self.random = random.Random(seed)
        self.next_id = first_id
        self.survivors = [top]
        self.doomed = []
        self.requests = []

    def ask(self, method, params):
        self.requests.append(line(request(method, params, id=0)))

    def spawn(self, function, args):
        """Below anyone who lives on, or for long."""
        below = self.random.choice((self.survivors, self.doomed))
        self.ask("spawn", {"function": function, "args": args,
                           "parent": self.random.choice(
                               below or self.survivors)})
        self.next_id += 1
        return self.next_id - 1

    def spawn_forever(self, into):
        into.append(self.spawn("sleep", [1e9]))

    def begin(self):
        kinds = [self.survivors] * SURVIVORS + [self.doomed] * DOOMED
        self.random.shuffle(kinds)
        for into in kinds:
            self.spawn_forever(into)
        self.random.shuffle(self.doomed)

    def cancel_one(self):
        if self.doomed:
            self.ask("cancel", {"task": self.doomed.pop(), "only": True})

    def step(self):
        chance = self.random.random()
        if chance < 0.4:
            self.spawn("echo", [])
        elif chance < 0.6:
            self.spawn_forever(self.doomed)
            self.doomed.insert(self.random.randrange(len(self.doomed)),
                               self.doomed.pop())
        elif chance < 0.8:
            self.cancel_one()
        else:
            self.spawn("sleep", [0.001])

    def go_on(self, count):
        first = self.next_id
        while self.next_id < first + count:
            self.step()

    def take(self):
        requests, self.requests = self.requests, []
        return requests


class TestChurn(DaemonTest):
    # Enough for finished tasks to come into the list and go from it.
    options = ("--max-retained", str(scaled(2000)))

    def setUp(self):
        super().setUp()
        self.churner = self.connect()
        self.top = self.churner.spawn("sleep", 1e9)
        self.seed = time.time_ns()
        self.churn = Churn(self.top + 1, self.top, self.seed)
        self.churn.begin()
        self.send(self.churn.take())
        self.walked = threading.Event()
        self.failed = None

    def send(self, requests):
        for i in range(0, len(requests), CHUNK):
            some = requests[i:i + CHUNK]
            for text in self.churner.exchange(b"".join(some), len(some)):
                if b'"error"' in text:
                    raise AssertionError(text)

    def run_churn(self):
        """Until the walks are done, however quick either is."""
        try:
            while self.churn.next_id < CHURNED or not self.walked.is_set():
                self.churn.go_on(CHUNK)
                self.send(self.churn.take())
        except Exception as error:
            self.failed = error

    def check_walk(self, method, **params):
        seen = collections.Counter(
            row["id"] for row in self.client.rows(method, **params))
        wrong = [task for task in self.churn.survivors if seen[task] != 1]
        self.assertEqual(wrong, [], f"{method}, seed {self.seed}")

    def walk_while_it_churns(self, *walks):
        thread = threading.Thread(target=self.run_churn)
        thread.start()
        try:
            for method, params in walks * WALKS:
                self.check_walk(method, **params)
        finally:
            self.walked.set()
            thread.join()
        self.assertIsNone(self.failed)
        self.assertEqual(self.client.call("stats")["spawned"],
                         self.churn.next_id - 1)
        for method, params in walks:
            self.check_walk(method, **params)

    def test_tree(self):
        self.walk_while_it_churns(("tree", {"limit": 100}),
                                  ("tree", {"task": self.top, "limit": 37}))

    def test_list(self):
        self.walk_while_it_churns(("list", {"limit": 100}),
                                  ("list", {"limit": 37, "finished": False}),
                                  ("list", {"limit": 50, "name": "sle*"}))


if __name__ == "__main__":
    unittest.main()
