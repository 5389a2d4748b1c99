#!/usr/bin/env python3
"""attach: a connection that speaks for a task."""

import unittest

from commands import CommandTest
from daemon import eventually
import test_owner

ROOT_TASK = 1

# Attaches to its own task, and spawns what its arguments say, as JSON-RPC.
SPAWNER = """
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["TASKLET_SOCKET"])
f = s.makefile("rw")
def call(method, **params):
    f.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                        "params": params}) + "\\n")
    f.flush()
    return json.loads(f.readline())
if "attach" in sys.argv:
    call("attach", task=int(os.environ["TASKLET_ID"]))
print(json.dumps([call("current")["result"]["owner"],
                  call("spawn", function="sleep", args=[1000])]), flush=True)
sys.stdin.read()
"""


class AttachTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.own = self.client.call("current")["id"]
        self.task = self.client.spawn("sleep", 1e9, parent=ROOT_TASK,
                                      name="attached")

    def tearDown(self):
        self.cancel_below()
        super().tearDown()

    def cancel_below(self):
        watcher = self.connect()
        watcher.call("cancel", tasks=[
            row["id"] for row in watcher.rows("list", finished=False)
            if row["function"] in ("sleep", "exec", "echo")
            and row["id"] != self.bystander_task], grace=0)

    def attach(self, task, client=None):
        return (client or self.client).call("attach", task=task)

    def current(self, client=None):
        return (client or self.client).call("current")["id"]

    def clients(self):
        return self.client.call("stats")["clients"]


class TestAttach(AttachTest):
    def test_current_is_that_task(self):
        self.assertIsNone(self.attach(self.task))
        self.assertEqual(self.current(), self.task)
        self.assertEqual(self.client.call("current")["name"], "attached")

    def test_by_name(self):
        self.attach("attached")
        self.assertEqual(self.current(), self.task)

    def test_what_it_spawns_is_below_that_task(self):
        self.attach(self.task)
        child = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.show(child)["parent"], self.task)
        self.assertEqual([one["id"] for one in self.client.call("children")],
                         [child])
        self.assertEqual(self.client.call("parent")["id"], ROOT_TASK)
        later = self.client.call("later", function="echo", seconds=1000)
        self.assertEqual(self.show(later["id"])["parent"], self.task)

    def test_its_own_task_ends(self):
        child = self.client.spawn("sleep", 1e9)
        self.attach(self.task)
        self.assert_error("NoSuchTask", self.show, self.own)
        self.assertEqual(self.show(child)["parent"], ROOT_TASK)

    def test_it_is_one_client_still(self):
        before = self.clients()
        self.attach(self.task)
        self.assertEqual(self.clients(), before)

    def test_to_a_descendant_of_its_own_task(self):
        child = self.client.spawn("sleep", 1e9)
        self.attach(child)
        self.assertEqual(self.current(), child)
        self.assertEqual(self.show(child)["parent"], ROOT_TASK)

    def test_twice(self):
        other = self.client.spawn("sleep", 1e9)
        self.attach(self.task)
        self.attach(self.task)
        self.assertEqual(self.current(), self.task)
        self.attach(other)
        self.assertEqual(self.current(), other)
        self.assertEqual(self.show(self.task)["state"], "sleeping")

    def test_several_speak_for_one(self):
        clients = [self.connect() for _ in range(20)]
        for client in clients:
            self.attach(self.task, client)
        for client in clients:
            self.assertEqual(self.current(client), self.task)
            child = client.spawn("sleep", 1e9)
            self.assertEqual(self.show(child)["parent"], self.task)
        for client in clients[::2]:
            client.close()
        for client in clients[1::2]:
            self.assertEqual(self.current(client), self.task)
        self.cancel(self.task)
        own = {self.current(client) for client in clients[1::2]}
        self.assertEqual(len(own), 10)
        self.assertNotIn(self.task, own)

    def test_a_disconnect_leaves_the_task_alone(self):
        other = self.connect()
        self.attach(self.task, other)
        child = other.spawn("sleep", 1e9)
        before = self.clients()
        other.close()
        eventually(lambda: self.clients() == before - 1)
        self.assertEqual(self.show(self.task)["state"], "sleeping")
        self.assertEqual(self.show(child)["parent"], self.task)

    def test_to_a_task_that_is_paused_or_waits(self):
        self.client.call("pause", task=self.task)
        self.attach(self.task)
        child = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.show(child)["state"], "paused")
        self.client.call("resume", task=self.task)
        self.await_state(child, "sleeping")


class TestRefused(AttachTest):
    def refused(self, kind, *words, task):
        error = self.assert_error(kind, self.attach, task)
        for word in words:
            self.assertIn(word, str(error))
        self.assertEqual(self.current(), self.own)

    def test_the_root_and_clients(self):
        for task in (ROOT_TASK, self.own, self.current(self.bystander)):
            self.refused("InvalidParams", str(task), task=task)

    def test_a_finished_one(self):
        task = self.client.spawn("echo")
        self.join(task)
        self.refused("NoSuchTask", str(task), "ended", task=task)

    def test_none(self):
        self.refused("NoSuchTask", task=10 ** 9)
        self.refused("NoSuchTask", task="nobody")

    def test_of_another_run_of_the_daemon(self):
        own = self.client.call("version")["instance"]
        for instance in ("", "x", own[:-1]):
            self.assert_error("NoSuchTask", self.client.call, "attach",
                              task=self.task, instance=instance)
        self.assertEqual(self.current(), self.own)
        self.client.call("attach", task=self.task, instance=own)
        self.assertEqual(self.current(), self.task)

    def test_what_is_wrong(self):
        for task in (None, True, 1.5, [self.task]):
            self.refused("InvalidParams", task=task)
        self.assert_error("InvalidParams", self.client.call, "attach")


class TestTheEndOfTheTask(AttachTest):
    def test_makes_it_a_client_again(self):
        self.attach(self.task)
        self.bystander.call("cancel", task=self.task)
        current = self.client.call("current")
        self.assertEqual(current["function"], "client")
        self.assertNotIn(current["id"], (self.task, self.own))
        self.assertEqual(current["parent"], ROOT_TASK)
        child = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.show(child)["parent"], current["id"])

    def test_by_its_own_hand(self):
        self.attach(self.task)
        self.assertEqual(self.client.call("cancel", task=self.task)["count"],
                         1)
        self.assertEqual(self.client.call("current")["function"], "client")

    def test_that_was_cancelled_ends_what_waits(self):
        other = self.client.spawn("sleep", 1e9, parent=ROOT_TASK)
        self.attach(self.task)
        waiting = [self.client.start("join", task=other),
                   self.client.start("sleep", seconds=1e9)]
        self.client.call("ping")
        self.bystander.call("cancel", task=self.task)
        for one in waiting:
            self.assert_error("Cancelled", self.client.finish, one)
        self.assertEqual(self.client.call("ping"), "pong")

    def test_that_timed_out_does_too(self):
        other = self.client.spawn("sleep", 1e9, parent=ROOT_TASK)
        self.client.call("pause", task=self.task)
        task = self.client.spawn("sleep", 1e9, parent=self.task, timeout=0.1)
        self.attach(task)
        waiting = self.client.start("join", task=other)
        self.client.call("ping")
        self.bystander.call("resume", task=self.task)  # its time runs now
        self.assert_error("Cancelled", self.client.finish, waiting)

    def test_that_is_done_lets_what_waits_wait(self):
        task = self.exec("cat", stdin_pipe=True, parent=ROOT_TASK)
        other = self.client.spawn("sleep", 1e9, parent=ROOT_TASK)
        self.attach(task)
        waiting = self.client.start("join", task=other)
        self.client.call("write", task=task, eof=True)
        eventually(lambda: self.show(task)["state"] == "done")
        self.assertEqual(self.client.call("current")["function"], "client")
        self.bystander.call("cancel", task=other)
        self.assert_join_error("cancelled", self.client.finish, waiting)

    def test_lets_it_attach_again(self):
        self.attach(self.task)
        self.bystander.call("cancel", task=self.task)
        other = self.client.spawn("sleep", 1e9)
        self.attach(other)
        self.assertEqual(self.current(), other)

    def test_and_of_the_connection_at_once(self):
        self.attach(self.task)
        other = self.connect()
        self.attach(self.task, other)
        other.start("cancel", task=self.task)
        other.close()
        eventually(lambda: self.show(self.task)["state"] == "cancelled")
        self.assertEqual(self.client.call("current")["function"], "client")

    def test_a_join_of_itself_is_a_deadlock(self):
        self.attach(self.task)
        self.assert_error("Deadlock", self.join, self.task)

    def test_while_its_children_are_waited_for(self):
        """It is closing: what is spawned below it goes where it may."""
        task = self.exec("cat", scope="wait", parent=ROOT_TASK,
                         stdin_pipe=True)
        self.attach(task)
        child = self.client.spawn("sleep", 1e9)
        self.client.call("write", task=task, eof=True)
        self.await_state(task, "waiting")
        self.assertEqual(self.show(task)["exit_status"], 0)
        self.assertEqual(self.show(child)["parent"], task)
        self.assertEqual(self.current(), task)
        self.cancel(child)

    def test_at_the_end_of_many(self):
        tasks = [self.client.spawn("sleep", 1e9, parent=ROOT_TASK)
                 for _ in range(50)]
        clients = [self.connect() for _ in tasks]
        for client, task in zip(clients, tasks):
            self.attach(task, client)
        self.cancel(tasks[0])
        self.client.call("cancel", tasks=tasks)
        for client in clients:
            self.assertEqual(client.call("current")["function"], "client")


class TestFromWithin(AttachTest):
    def test_a_script_is_the_parent_of_what_it_spawns(self):
        task = self.exec("/usr/bin/python3", "-Sc", SPAWNER, "attach",
                         stdin_pipe=True)
        line = eventually(lambda: self.text(task))
        child = eval(line)[1]["result"]["id"]
        self.assertEqual(self.show(child)["parent"], task)
        self.client.call("write", task=task, eof=True)
        self.join(task)
        self.assertEqual(self.show(child)["parent"], self.own)

    def test_cancelled_with_what_it_spawned(self):
        task = self.exec("/usr/bin/python3", "-Sc", SPAWNER, "attach",
                         stdin_pipe=True)
        line = eventually(lambda: self.text(task))
        child = eval(line)[1]["result"]["id"]
        self.assertEqual(self.cancel(task)["count"], 2)
        for one in (task, child):
            self.assert_cancelled(one)


class TestOwners(test_owner.OwnerTest):
    """Commands run as the daemon's user, and act as who they are of."""

    def test_a_commands_connection_is_its_owners(self):
        for client, uid in ((self.alice, test_owner.ALICE),
                            (self.bob, test_owner.BOB), (self.client, 0)):
            for how in ([], ["attach"]):
                task = client.spawn("exec", "/usr/bin/python3", "-Sc",
                                    SPAWNER, *how)
                client.call("join", task=task)
                text = client.call("output", task=task)["data"]
                owner, reply = eval(text)
                self.assertEqual(owner["uid"], uid)
                self.assertEqual(self.owner(reply["result"]["id"]), uid)

    def test_what_it_may_not_do_to_others(self):
        script = SPAWNER.replace('call("spawn", function="sleep", '
                                 'args=[1000])',
                                 'call("cancel", task=int(sys.argv[1]))')
        self.assertNotEqual(script, SPAWNER)
        task = self.bob.spawn("exec", "/usr/bin/python3", "-Sc", script,
                              str(self.theirs))
        self.bob.call("join", task=task)
        reply = eval(self.bob.call("output", task=task)["data"])[1]
        self.assertEqual(reply["error"]["data"]["type"], "PermissionDenied")
        self.assertEqual(self.client.call("show", task=self.theirs)["state"],
                         "sleeping")

    def test_attach_is_for_the_owner_and_root(self):
        self.assert_denied("attach", task=self.theirs)
        self.client.call("attach", task=self.theirs)
        child = self.client.spawn("sleep", 1e9)
        self.assertEqual(self.owner(child), test_owner.ALICE)
        self.client.call("cancel", task=child)


if __name__ == "__main__":
    unittest.main()
