#!/usr/bin/env python3
"""The tree of tasks: where a task stands, who adopts it, scopes, great depth
and breadth, and walks over it page by page."""

import json
import random
import unittest

from daemon import DaemonTest, line, request, scaled

ROOT = 1


class TreeTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.top = self.spawn_forever()

    def spawn_forever(self, **params):
        return self.client.spawn("sleep", 1e9, **params)

    def spawn_closing(self, scope, **params):
        """A task whose function has ended before its only child has."""
        self.client.send_json([
            request("spawn", {"function": "echo", "args": ["closing"],
                              "scope": scope, **params}, id=1),
            request("spawn", {"function": "sleep", "args": [1e9],
                              "parent": self.next_id()}, id=2)])
        return [reply["result"]["id"] for reply in self.client.read()]

    def next_id(self):
        """The id of the next task: nobody else spawns."""
        return self.spawn_forever(parent=self.top) + 1

    def spawn_tree(self, shape, parent):
        """Tasks below the parent, shaped like nested lists; the ids."""
        for below in shape:
            task = self.spawn_forever(parent=parent)
            yield task
            yield from self.spawn_tree(below, task)

    def children(self, task):
        return [row["id"] for row in self.client.call("children", task=task)]

    def preorder(self, **params):
        return [row["id"] for row in self.client.rows("tree", **params)]

    def cancel_only(self, task):
        self.client.call("cancel", task=task, only=True)


class TestPlace(TreeTest):
    def test_the_root_is_the_daemon(self):
        root = self.client.call("show", task=ROOT)
        self.assertEqual((root["name"], root["function"], root["state"]),
                         ("taskletd", "taskletd", "running"))
        self.assertNotIn("parent", root)
        self.assertIsNone(self.client.call("parent", task=ROOT))

    def test_a_client_is_a_child_of_the_root(self):
        own = self.client.call("current")
        self.assertEqual((own["function"], own["parent"]), ("client", ROOT))
        self.assertEqual(self.client.call("parent")["id"], ROOT)

    def test_what_a_client_spawns_is_its_child(self):
        own = self.client.call("current")
        self.assertEqual(self.client.call("show", task=self.top)["parent"],
                         own["id"])
        self.assertEqual([row["id"] for row in self.client.call("children")],
                         [self.top])

    def test_children_are_in_the_order_of_spawning(self):
        tasks = [self.spawn_forever(parent=self.top) for _ in range(10)]
        self.assertEqual(self.children(self.top), tasks)
        self.assertEqual(
            self.client.call("show", task=self.top)["children"], 10)

    def test_a_parent_is_given_by_id_or_name(self):
        top = self.spawn_forever(name="top")
        for parent in (top, "top"):
            task = self.spawn_forever(parent=parent)
            self.assertEqual(self.client.call("parent", task=task)["id"], top)

    def test_a_row_leaves_out_what_show_has(self):
        self.await_state(self.top, "sleeping")
        shown = self.client.call("show", task=self.top)
        row = next(self.client.rows("tree", task=self.top))
        self.assertEqual(shown["args"], [1e9])
        self.assertNotIn("args", row)
        del shown["args"], row["level"], shown["wait"], row["wait"]
        self.assertEqual(shown, row)

    def test_over_1000_children_are_for_tree(self):
        count = 1001
        self.client.exchange(b"".join(line(request(
            "spawn", {"function": "sleep", "args": [1e9],
                      "parent": self.top}, id=i)) for i in range(count)),
                             count)
        error = self.assert_error("LimitExceeded", self.client.call,
                                  "children", task=self.top)
        self.assertEqual((error.code, error.data["limit"]), (6, "children"))
        self.assertEqual(len(self.preorder(task=self.top)), count + 1)


class TestAdoption(TreeTest):
    def test_children_take_the_place_of_their_parent(self):
        before, middle, after = (self.spawn_forever(parent=self.top)
                                 for _ in range(3))
        below = [self.spawn_forever(parent=middle) for _ in range(3)]
        self.cancel_only(middle)
        self.assertEqual(self.children(self.top), [before, *below, after])

    def test_the_nearest_living_ancestor_adopts(self):
        chain = list(self.spawn_tree([[[[[[]]]]]], self.top))
        for task in (chain[2], chain[3], chain[1]):
            self.cancel_only(task)
        self.assertEqual(self.client.call("parent", task=chain[-1])["id"],
                         chain[0])

    def test_the_root_adopts_from_a_client_that_goes(self):
        other = self.connect()
        own = other.call("current")["id"]
        first, last = other.spawn("sleep", 1e9), other.spawn("sleep", 1e9)
        join = self.client.start("join", task=own)
        self.client.call("ping")
        other.close()
        self.client.finish(join)
        for task in (first, last):
            self.assertEqual(self.client.call("parent", task=task)["id"],
                             ROOT)
        roots = self.children(ROOT)
        self.assertEqual(roots.index(last), roots.index(first) + 1)

    def test_a_finished_parent_means_its_nearest_living_ancestor(self):
        chain = list(self.spawn_tree([[[[]]]], self.top))
        for task in chain:
            self.cancel_only(task)
        for parent in (*chain, *reversed(chain)):
            task = self.spawn_forever(parent=parent)
            self.assertEqual(self.client.call("parent", task=task)["id"],
                             self.top)
            self.assertEqual(self.client.call("parent", task=parent)["id"],
                             self.top)

    def test_a_finished_task_has_no_children(self):
        task = next(self.spawn_tree([[]], self.top))
        self.spawn_forever(parent=task)
        self.cancel_only(task)
        self.assertEqual(self.children(task), [])


class TestScope(TreeTest):
    def test_detach_is_the_default(self):
        task = self.client.spawn("sleep", 0, parent=self.top)
        self.assertEqual(self.client.call("show", task=task)["scope"],
                         "detach")

    def test_detach_leaves_the_children(self):
        task, child = self.spawn_closing("detach", parent=self.top)
        self.assertEqual(self.client.call("join", task=task), ["closing"])
        self.assertEqual(self.client.call("parent", task=child)["id"],
                         self.top)

    def test_wait_ends_with_its_last_child(self):
        task, child = self.spawn_closing("wait", parent=self.top)
        last = self.spawn_forever(parent=child)
        join = self.client.start("join", task=task)
        shown = self.client.call("show", task=task)
        self.assertEqual((shown["state"], shown["wait"]["for"]),
                         ("waiting", "children"))
        self.cancel_only(child)
        self.assertEqual(self.client.call("show", task=task)["state"],
                         "waiting")
        self.cancel_only(last)
        self.assertEqual(self.client.finish(join), ["closing"])

    def test_cancel_ends_the_children(self):
        task, child = self.spawn_closing("cancel", parent=self.top)
        self.assertEqual(self.client.call("join", task=task), ["closing"])
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=child)

    def test_cancelling_one_that_waits_ends_its_children(self):
        task, child = self.spawn_closing("wait", parent=self.top)
        self.client.call("cancel", task=task)
        for one in (task, child):
            self.assert_join_error("cancelled", self.client.call, "join",
                                   task=one)

    def test_a_timeout_ends_the_children_of_one_that_waits(self):
        task, child = self.spawn_closing("wait", parent=self.top,
                                         timeout=0.05)
        self.assert_join_error("timeout", self.client.call, "join", task=task)
        self.assert_join_error("cancelled", self.client.call, "join",
                               task=child)

    def test_scopes_nest(self):
        outer, middle = self.spawn_closing("wait", parent=self.top)
        inner, last = self.spawn_closing("wait", parent=middle)
        self.cancel_only(middle)
        self.assertEqual(self.client.call("parent", task=inner)["id"], outer)
        self.cancel_only(last)
        self.assertEqual(self.client.call("join", task=inner), ["closing"])
        self.assertEqual(self.client.call("join", task=outer), ["closing"])


class TestTree(TreeTest):
    SHAPE = [[], [[], [[], []]], [[[[]]]], []]

    def test_is_in_preorder_with_levels(self):
        tasks = list(self.spawn_tree(self.SHAPE, self.top))
        rows = list(self.client.rows("tree", task=self.top))
        self.assertEqual([row["id"] for row in rows], [self.top, *tasks])
        self.assertEqual([row["level"] for row in rows],
                         [0, 1, 1, 2, 2, 3, 3, 1, 2, 3, 4, 1])

    def test_is_of_the_root_by_default(self):
        rows = list(self.client.rows("tree"))
        self.assertEqual((rows[0]["id"], rows[0]["level"]), (ROOT, 0))
        levels = {row["id"]: row["level"] for row in rows}
        for row in rows[1:]:
            self.assertEqual(row["level"], levels[row["parent"]] + 1)

    def test_leaves_out_what_is_deeper(self):
        list(self.spawn_tree(self.SHAPE, self.top))
        every = list(self.client.rows("tree", task=self.top))
        for depth in range(5):
            for limit in (1, 100):
                ids = self.preorder(task=self.top, depth=depth, limit=limit)
                self.assertEqual(ids, [row["id"] for row in every
                                       if row["level"] <= depth])

    def test_of_a_finished_task_is_that_alone(self):
        task = self.client.spawn("sum", 1)
        self.client.call("join", task=task)
        page = self.client.call("tree", task=task)
        self.assertEqual([(row["id"], row["state"], row["level"])
                          for row in page["tasks"]], [(task, "done", 0)])
        self.assertIsNone(page["next"])

    def test_pages_make_up_the_whole(self):
        tasks = list(self.spawn_tree(self.SHAPE, self.top))
        self.await_state(tasks[-1], "sleeping")
        every = list(self.client.rows("tree", task=self.top))
        for limit in (1, 2, 3, len(every) - 1, len(every)):
            rows = list(self.client.rows("tree", task=self.top, limit=limit))
            for row in rows + every:
                row.pop("wait", None)  # its deadline is reckoned anew
            self.assertEqual(rows, every)


class TestPagesOfAChangingTree(TreeTest):
    def spawn_random(self, rng, count):
        tasks = [self.top]
        for _ in range(count):
            tasks.append(self.spawn_forever(parent=rng.choice(tasks)))
        return tasks

    def walk(self, method, disturb, **params):
        """The ids of all pages, with a disturbance after each."""
        page = self.client.call(method, **params)
        ids = [row["id"] for row in page["tasks"]]
        while page["next"] is not None:
            disturb()
            page = self.client.call(method, after=page["next"], **params)
            ids += [row["id"] for row in page["tasks"]]
        return ids

    def test_a_task_that_stays_is_seen_once_and_in_order(self):
        for seed in range(10):
            rng = random.Random(seed)
            tasks = self.spawn_random(rng, 60)
            before = self.preorder(task=self.top)
            gone = set()

            def disturb(rng=rng, tasks=tasks, gone=gone):
                task = rng.choice(tasks[1:])
                if rng.random() < 0.7:
                    gone.add(task)
                    self.cancel_only(task)
                else:
                    self.spawn_forever(parent=task)

            seen = self.walk("tree", disturb, task=self.top, limit=2)
            with self.subTest(seed=seed):
                self.assertEqual(len(seen), len(set(seen)))
                self.assertEqual(
                    [task for task in seen
                     if task in before and task not in gone],
                    [task for task in before if task not in gone])
            self.client.call("cancel", tasks=tasks[1:])

    def test_a_walk_goes_on_when_the_task_under_its_cursor_ends(self):
        first, second, third = (self.spawn_forever(parent=self.top)
                                for _ in range(3))
        below = self.spawn_forever(parent=second)
        page = self.client.call("tree", task=self.top, limit=2)
        self.assertEqual(page["tasks"][1]["id"], first)
        self.cancel_only(second)
        self.assertEqual(self.preorder(after=page["next"]), [below, third])

    def test_a_walk_ends_where_what_was_below_its_top_ends(self):
        top, beside = (self.spawn_forever(parent=self.top) for _ in range(2))
        below = [self.spawn_forever(parent=top) for _ in range(3)]
        self.spawn_forever(parent=beside)
        page = self.client.call("tree", task=top, limit=2)
        self.cancel_only(top)
        self.assertEqual(self.preorder(after=page["next"]), below[1:])

    def test_a_walk_whose_tasks_have_all_ended_ends(self):
        tasks = list(self.spawn_tree([[], []], self.top))
        page = self.client.call("tree", task=self.top, limit=2)
        self.client.call("cancel", tasks=tasks)
        self.assertEqual(self.client.call("tree", after=page["next"]),
                         {"tasks": [], "next": None})

    def test_a_list_sees_each_task_once_whatever_ends_meanwhile(self):
        rng = random.Random(1)
        tasks = self.spawn_random(rng, 40)
        seen = self.walk("list",
                         lambda: self.cancel_only(rng.choice(tasks[1:])),
                         limit=3)
        self.assertEqual(seen, sorted(set(seen)))
        self.assertLessEqual(set(tasks), set(seen))


class TestCursors(TreeTest):
    def first_page(self, client=None):
        return (client or self.client).call("tree", limit=1)["next"]

    def assert_no_cursor(self, method, cursor):
        error = self.assert_error("InvalidParams", self.client.call, method,
                                  after=cursor)
        self.assertIn(f"after: no cursor {cursor}", str(error))

    def test_the_ninth_ends_the_oldest(self):
        cursors = [self.first_page() for _ in range(9)]
        self.assert_no_cursor("tree", cursors[0])
        for cursor in cursors[1:]:
            self.client.call("tree", after=cursor)

    def test_a_walk_in_progress_does_not_grow_old(self):
        cursor = self.client.call("list", limit=1)["next"]
        for _ in range(20):
            self.first_page()
            self.spawn_forever(parent=self.top)
            cursor = self.client.call("list", limit=1, after=cursor)["next"]
            self.assertIsNotNone(cursor)

    def test_one_is_good_for_one_page(self):
        cursor = self.first_page()
        self.client.call("tree", after=cursor)
        self.assert_no_cursor("tree", cursor)

    def test_one_belongs_to_its_connection(self):
        self.assert_no_cursor("tree", self.first_page(self.bystander))

    def test_one_belongs_to_its_method(self):
        cursor = self.first_page()
        self.assert_no_cursor("list", cursor)
        self.client.call("tree", after=cursor)

    def test_those_never_given_are_refused(self):
        for cursor in (1, 2**63 - 1):
            self.assert_no_cursor("tree", cursor)


class TestDepth(TreeTest):
    LEVELS = scaled(100000)

    def spawn_chain(self):
        """Each below the one before; their ids were known beforehand."""
        first = self.next_id()
        lines = self.client.exchange(b"".join(line(request(
            "spawn", {"function": "sleep", "args": [1e9],
                      "parent": first + i - 1 if i > 0 else self.top}, id=i))
                                              for i in range(self.LEVELS)),
                                     self.LEVELS)
        self.assertEqual(json.loads(lines[-1])["result"]["id"],
                         first + self.LEVELS - 1)
        return range(first, first + self.LEVELS)

    def test_a_deep_tree_is_walked_and_cancelled(self):
        chain = self.spawn_chain()
        rows = self.client.rows("tree", task=chain[0], limit=10000)
        for level, (row, task) in enumerate(zip(rows, chain, strict=True)):
            self.assertEqual((row["id"], row["level"]), (task, level))
        self.assertEqual(self.bystander.call("ping"), "pong")
        result = self.client.call("cancel", task=chain[0])
        self.assertEqual(result["count"], self.LEVELS)
        self.assertEqual(result["cancelled"], list(chain[:65536]))

    def test_a_deep_tree_whose_tasks_end_one_by_one_is_adopted(self):
        chain = self.spawn_chain()
        ends, last = chain[:-1], chain[-1]
        order = list(ends)
        random.Random(1).shuffle(order)
        self.client.exchange(b"".join(line(request(
            "cancel", {"task": task, "only": True}, id=task))
                                      for task in order), len(order))
        self.assertEqual(self.client.call("parent", task=last)["id"],
                         self.top)


class TestBreadth(TreeTest):
    def test_a_million_siblings(self):
        count = scaled(1000000)
        spawn = line(request("spawn", {"function": "sleep", "args": [1e9],
                                       "parent": self.top}))
        self.client.send(spawn * count)
        self.assertEqual(self.client.call("show", task=self.top)["children"],
                         count)
        page = self.client.call("tree", task=self.top, limit=3)
        self.assertEqual([row["level"] for row in page["tasks"]], [0, 1, 1])
        self.assertEqual(self.bystander.call("ping"), "pong")
        own = self.client.call("current")["id"]
        self.cancel_only(self.top)
        self.assertEqual(self.client.call("current")["children"], count)
        page = self.client.call("tree", after=page["next"], limit=2)
        self.assertEqual([row["parent"] for row in page["tasks"]], [own] * 2)
        result = self.bystander.call("cancel", task=own)
        self.assertEqual(result["count"], count + 1)
        self.assertEqual(self.bystander.call("ping"), "pong")


if __name__ == "__main__":
    unittest.main()
