#!/usr/bin/env python3
"""Whose a task is, and what others may do with it: they see its row, and that
is all. Takes two users and root: it is skipped for anyone else."""

import os
import shutil
import signal
import socket
import unittest

import daemon as daemon_module
from daemon import Client, Daemon, DaemonTest, RpcError, eventually

ROOT_TASK = 1
SERVICE, ALICE, BOB = 60001, 60002, 60003  # users that need no account

NOT_ROOT = "only root can connect as other users" if os.geteuid() else None


def connect_as(uid, path):
    """A connection that another user has made: whose it is, is told when it
    connects, so that its descriptor may then be handed over."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            with socket.socket(socket.AF_UNIX) as made:
                made.connect(path)
                socket.send_fds(theirs, [b"x"], [made.fileno()])
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    theirs.close()
    with ours:
        assert status == 0, "the other user could not connect"
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    return HandedOver(descriptors[0])


class HandedOver(Client):
    def __init__(self, descriptor):
        self.socket = socket.socket(fileno=descriptor)
        self.socket.settimeout(daemon_module.PATIENCE)
        self.received = bytearray()
        self.early = {}
        self.told = []
        self.last_id = 0


class ServiceDaemon(Daemon):
    """One that runs as a user of its own, who may not reach the folder that
    taskletd was built in: this has a copy."""

    def program(self):
        return shutil.copy(super().program(), self.folder)

    def before_exec(self):
        super().before_exec()
        os.chown(self.folder, SERVICE, SERVICE)
        os.chown(self.log_path, SERVICE, SERVICE)
        os.setgroups([])
        os.setgid(SERVICE)
        os.setuid(SERVICE)


@unittest.skipIf(NOT_ROOT, NOT_ROOT)
class OwnerTest(DaemonTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.chmod(cls.daemon.folder, 0o755)
        os.chmod(cls.daemon.path, 0o666)

    def setUp(self):
        super().setUp()
        self.alice = self.connect_as(ALICE)
        self.bob = self.connect_as(BOB)
        self.theirs = self.alice.spawn("sleep", 1e9, name="theirs")
        self.below = self.alice.spawn("sleep", 1e9, parent=self.theirs)
        self.ended = self.alice.spawn("print", "secret")
        self.alice.call("join", task=self.ended)

    def tearDown(self):
        super().tearDown()
        self.cancel_all()

    def connect_as(self, uid):
        client = connect_as(uid, self.daemon.path)
        self.addCleanup(client.close)
        return client

    def owner(self, task):
        return self.client.call("show", task=task)["owner"]["uid"]

    def assert_denied(self, method, /, **params):
        error = self.assert_error("PermissionDenied", self.bob.call, method,
                                  **params)
        self.assertEqual(error.code, 5)
        return error


class TestOwners(OwnerTest):
    def test_a_task_is_its_callers(self):
        self.assertEqual(self.owner(self.theirs), ALICE)
        self.assertEqual(self.owner(self.bob.spawn("echo")), BOB)
        self.assertEqual(self.owner(self.client.spawn("echo")), 0)

    def test_a_client_is_its_own(self):
        for client, uid in ((self.alice, ALICE), (self.bob, BOB),
                            (self.client, 0)):
            self.assertEqual(client.call("current")["owner"]["uid"], uid)

    def test_a_user_with_an_account_has_a_name(self):
        self.assertEqual(self.client.call("current")["owner"],
                         {"uid": 0, "user": "root"})
        self.assertEqual(self.alice.call("current")["owner"], {"uid": ALICE})

    def test_what_is_below_the_root_is_its_callers(self):
        task = self.bob.spawn("sleep", 1e9, parent=ROOT_TASK)
        self.assertEqual(self.owner(task), BOB)
        self.assert_error("PermissionDenied", self.alice.call, "cancel",
                          task=task)
        self.bob.call("cancel", task=task)

    def test_what_is_below_a_finished_parent_goes_to_who_lives(self):
        self.alice.call("cancel", task=self.theirs, only=True)
        task = self.alice.spawn("sleep", 1e9, parent=self.theirs)
        self.assertEqual(self.client.call("show", task=task)["parent"],
                         self.alice.call("current")["id"])

    def test_adopted_tasks_keep_their_owner(self):
        self.alice.close()
        eventually(lambda: self.client.call(
            "show", task=self.theirs)["parent"] == ROOT_TASK)
        self.assertEqual(self.owner(self.theirs), ALICE)
        self.assert_denied("cancel", task=self.theirs)
        again = self.connect_as(ALICE)
        self.assertEqual(again.call("cancel", task=self.theirs)["count"], 2)


class TestOthers(OwnerTest):
    def made_call(self):
        """The number of a call to alice's task, who has not replied."""
        self.alice.start("call", task=self.theirs, body=1)
        return self.alice.call("receive", task=self.theirs)["call"]

    def denied(self):
        """What bob may not do, for each method: his params."""
        tasks = [self.theirs, self.ended, "theirs"]
        mine = self.bob.spawn("sleep", 1e9)
        spawns = [{"function": "echo", "parent": task, **more}
                  for task in (self.theirs, "theirs", self.below)
                  for more in ({}, {"name": "x", "unique": True})]
        each = [{"task": task} for task in tasks]
        several = [{"tasks": [task]} for task in tasks] + [
            {"tasks": [mine, self.theirs]}, {"tasks": [self.theirs, mine]}]
        return {
            "attach": each, "write": each,
            "send": [{**one, "body": 1} for one in each] + [
                {"task": mine, "body": 1, "from": self.theirs}],
            "call": [{**one, "body": 1} for one in each], "receive": each,
            "reply": [{"call": self.made_call(), "result": 1}],
            "cancel": each + several + [
                {"task": self.theirs, "only": True, "reason": "mine"}],
            "forget": each, "host": [
                {"function": "echo", "parent": task}
                for task in (self.theirs, "theirs", self.below)],
            "join": each + several + [
                {"tasks": tasks, "mode": "any"},
                {"task": self.theirs, "timeout": 0}],
            "output": each, "pause": each, "resume": each, "rerun": each,
            "show": each, "spawn": spawns, "loop": spawns,
            "later": [{**params, "seconds": 0} for params in spawns],
            "interval": [{**params, "seconds": 0} for params in spawns],
            "rate": [{**params, "hertz": 1} for params in spawns],
            # This daemon is root's: see below.
            "reload": [], "shutdown": [],
        }

    def allowed(self):
        """What he may."""
        each = [{"task": task} for task in (self.theirs, "theirs",
                                            self.below, self.ended)]
        return {
            "children": each + [{}], "parent": each + [{}],
            "tree": each + [{}], "list": [{}, {"name": "theirs"}],
            "current": [{}], "functions": [{}], "ping": [{}],
            "pool": [{}, {"name": "a"}], "rpc.discover": [{}],
            "sleep": [{"seconds": 0}], "stats": [{}],
            "version": [{}], "unsubscribe": [{}],
            "subscribe": [{"task": self.theirs}, {"name": "theirs"}],
            "provide": [{"functions": [{"name": "f", "summary": "s"}]}],
        }

    def test_each_method_is_denied_or_allowed(self):
        methods = [one["name"] for one in
                   self.bob.call("rpc.discover")["methods"]]
        self.assertEqual(sorted([*self.denied(), *self.allowed(),
                                 "finish"]),  # for the task's program alone
                         sorted(methods))

    def test_all_that_is_not_seeing_rows_is_denied(self):
        denied = self.denied()
        before = self.client.call("stats")
        for method, params in denied.items():
            for one in params:
                with self.subTest(method, **one):
                    self.assertIn("another user",
                                  str(self.assert_denied(method, **one)))
        after = self.client.call("stats")
        for counter in ("spawned", "finished"):
            self.assertEqual(before[counter], after[counter])
        self.assertEqual(self.client.call("show", task=self.below)["state"],
                         "sleeping")

    def test_the_rest_is_allowed(self):
        for method, params in self.allowed().items():
            for one in params:
                with self.subTest(method, **one):
                    self.bob.call(method, **one)

    def test_rows_are_seen_without_what_is_in_them(self):
        for rows in (self.bob.rows("tree"), self.bob.rows("list"),
                     self.bob.call("children",
                                   task=self.alice.call("current")["id"])):
            rows = {row["id"]: row for row in rows}
            row = rows[self.theirs]
            self.assertEqual((row["name"], row["owner"]),
                             ("theirs", {"uid": ALICE}))
            for key in ("args", "result", "error"):
                self.assertNotIn(key, row)

    def test_when_a_task_of_another_ends_may_be_waited_for(self):
        task = self.bob.spawn("echo", after=self.theirs)
        failed = self.bob.spawn("echo", after_ok=self.theirs)
        self.alice.call("cancel", task=self.theirs, reason="secret")
        self.assertEqual(self.bob.call("join", task=task), [])
        error = self.assert_join_error("cancelled", self.bob.call, "join",
                                       task=failed)
        self.assertNotIn("secret", str(error))

    def test_a_parent_of_another_is_a_row(self):
        self.assertNotIn("args", self.bob.call("parent", task=self.below))
        self.assertIn("args", self.alice.call("parent", task=self.below))

    def test_what_failed_tells_others_nothing(self):
        task = self.alice.spawn("fail", "secret")
        eventually(lambda: self.alice.call("show", task=task)["state"] ==
                   "failed")
        self.assertNotIn("secret", str(list(self.bob.rows("list"))))

    def test_who_cancels_his_own_leaves_what_is_not(self):
        self.bob.call("cancel", task=self.bob.call("current")["id"])
        self.assertEqual(self.client.call("show", task=self.theirs)["state"],
                         "sleeping")


class TestRoot(OwnerTest):
    def test_may_everything(self):
        for method, params in (
                ("show", {}), ("pause", {}), ("resume", {}), ("output", {}),
                ("cancel", {"only": True}), ("rerun", {}), ("forget", {})):
            self.client.call(method, task=self.theirs, **params)
        self.assert_error("NoSuchTask", self.client.call, "show",
                          task=self.theirs)
        self.assertIsNone(self.client.call("join", task=self.ended))
        self.assertEqual(self.client.call("output", task=self.ended)["data"],
                         "secret\n")

    def test_what_it_spawns_below_anothers_is_the_others(self):
        for method, more in (("spawn", {}), ("later", {"seconds": 100})):
            task = self.client.call(method, function="sleep", args=[1e9],
                                    parent=self.theirs, **more)["id"]
            self.assertEqual(self.owner(task), ALICE)
            self.assertEqual(self.alice.call("cancel", task=task)["count"], 1)

    def test_what_it_reruns_is_the_others(self):
        again = self.client.call("rerun", task=self.ended)["id"]
        self.assertEqual(self.owner(again), ALICE)
        self.assertIsNone(self.alice.call("join", task=again))


class TestHosts(OwnerTest):
    FUNCTION = [{"name": "f", "summary": "x"}]

    def run_of(self, client):
        message = client.read()
        self.assertEqual(message["method"], "run")
        return message["params"]["task"]

    def test_a_hosted_task_is_its_callers_or_its_parents_owners(self):
        own = self.bob.call("host")["id"]
        self.assertEqual(self.bob.call("cancel", task=own, grace=0)["count"], 1)
        below = self.client.call("host", parent=self.theirs)["id"]
        self.alice.call("cancel", task=below, grace=0)
        self.assertEqual(self.owner_of_row(below), ALICE)

    def test_a_function_is_for_all_and_its_program_ends_its_runs(self):
        self.alice.call("provide", functions=self.FUNCTION)
        task = self.bob.spawn("f")
        self.assertEqual(self.run_of(self.alice), task)
        self.assertEqual(self.owner_of_row(task), BOB)
        self.assert_error("PermissionDenied", self.alice.call, "show",
                          task=task)
        self.assert_denied("finish", task=task, result=1)
        self.alice.call("finish", task=task, result=2)
        self.assertEqual(self.bob.call("join", task=task), 2)

    def owner_of_row(self, task):
        return next(row["owner"]["uid"] for row in self.watcher.rows("list")
                    if row["id"] == task)

    def test_a_name_is_one_users(self):
        self.alice.call("provide", functions=self.FUNCTION)
        for other in (self.bob, self.client):
            error = self.assert_error("AlreadyExists", other.call, "provide",
                                      functions=[{"name": "g", "summary": "x"},
                                                 *self.FUNCTION])
            self.assertIn("another user", str(error))
        self.assert_error("NoSuchFunction", self.bob.spawn, "g")
        second = self.connect_as(ALICE)
        second.call("provide", functions=self.FUNCTION)
        self.alice.call("provide", functions=[])
        task = self.bob.spawn("f")
        self.assertEqual(self.run_of(second), task)
        second.call("provide", functions=[])
        self.bob.call("provide", functions=self.FUNCTION)


@unittest.skipIf(NOT_ROOT, NOT_ROOT)
class TestShutdown(unittest.TestCase):
    """Of a daemon that is neither root's nor the caller's."""

    def setUp(self):
        self.daemon = self.start()

    def start(self):
        daemon = ServiceDaemon()
        self.addCleanup(daemon.kill)
        daemon.await_ready().close()
        os.chmod(daemon.folder, 0o755)
        os.chmod(daemon.path, 0o666)
        return daemon

    def connect_as(self, uid):
        client = connect_as(uid, self.daemon.path)
        self.addCleanup(client.close)
        return client

    def test_is_denied_to_others(self):
        client = self.connect_as(ALICE)
        with self.assertRaises(RpcError) as caught:
            client.call("reload")
        self.assertEqual(caught.exception.data["type"], "PermissionDenied")
        with self.assertRaises(RpcError) as caught:
            client.call("shutdown")
        self.assertEqual(caught.exception.data["type"], "PermissionDenied")
        self.assertEqual(client.call("version")["uid"], SERVICE)
        self.connect_as(SERVICE).call("shutdown")
        self.daemon.check_end()

    def test_is_for_its_own_user(self):
        self.assertIsNone(self.connect_as(SERVICE).call("shutdown"))
        self.daemon.check_end()

    def test_is_for_root(self):
        self.assertIsNone(self.connect_as(0).call("shutdown"))
        self.daemon.check_end()

    def test_so_are_the_sizes_of_pools(self):
        alice = self.connect_as(ALICE)
        task = alice.spawn("sleep", 1e9, pool="p")
        with self.assertRaises(RpcError) as caught:
            alice.call("pool", name="p", size=1)
        self.assertEqual(caught.exception.data["type"], "PermissionDenied")
        for uid in (SERVICE, 0):
            pool = self.connect_as(uid).call("pool", name="p", size=uid)
            self.assertEqual((pool["size"], pool["running"]), (uid, [task]))
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()

    def test_its_own_user_may_not_touch_the_tasks_of_others(self):
        task = self.connect_as(ALICE).spawn("sleep", 1e9)
        with self.assertRaises(RpcError) as caught:
            self.connect_as(SERVICE).call("cancel", task=task)
        self.assertEqual(caught.exception.data["type"], "PermissionDenied")
        self.connect_as(0).call("cancel", task=task)
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()


if __name__ == "__main__":
    unittest.main()
