"""A conversation with a daemon that reaches all of its parts, step by step."""

import base64
import os

from commands import octets
from daemon import Client, RpcError, eventually, request
from program import Program

FOREVER = 1e9


class CannotStart(Exception):
    """A command could not be started, and its task says why."""


class Conversation:
    """Its steps share nothing but the daemon."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.clients = []
        self.spawned = []  # tasks that the daemon told us of

    def close(self):
        for client in self.clients:
            client.close()
        self.clients.clear()

    def connect(self, kind=Client):
        self.clients.append(kind(self.daemon.path))
        return self.clients[-1]

    @classmethod
    def steps(cls):
        return [name for name in vars(cls) if name.startswith("do_")]

    def run(self):
        for step in self.steps():
            self.take(step)

    def take(self, step):
        """One step, with a client of its own."""
        try:
            getattr(self, step)(self.connect())
        finally:
            self.close()

    def spawn(self, client, function, *args, method="spawn", **params):
        task = client.call(method, function=function, args=list(args),
                           **params)["id"]
        self.spawned.append(task)
        return task

    @staticmethod
    def failed(client, task):
        """The cause of a task that does not end well."""
        try:
            client.call("join", task=task)
        except RpcError as error:
            if error.data["type"] != "JoinError":
                raise
            cause = error.data["cause"]
            if cause["data"].get("error") not in (None, "ENOENT"):
                raise CannotStart from error
            return cause
        raise AssertionError("it ended well")

    @staticmethod
    def refused(client, kind, method, /, **params):
        try:
            client.call(method, **params)
        except RpcError as error:
            if error.data["type"] != kind:
                raise
        else:
            raise AssertionError(f"{method} was not refused")

    @staticmethod
    def output(client, task):
        return client.call("output", task=task)["data"]

    def do_facts(self, client):
        assert client.call("ping") == "pong"
        assert client.call("version")["protocol"] == 1
        assert client.call("stats")["clients"] >= 1
        assert len(client.call("functions")) > 5
        assert client.call("rpc.discover")["methods"]
        client.call("reload")

    def do_functions(self, client):
        assert client.call(
            "join", task=self.spawn(client, "sum", 1, 2.5)) == 3.5
        task = self.spawn(client, "print", "text", {"a": [None, 1.5]})
        assert client.call("join", task=task) is None
        assert "text" in self.output(client, task)
        client.call("sleep", seconds=0.001)
        cause = self.failed(client, self.spawn(client, "fail", "no"))
        assert cause["message"] == "no"
        tasks = [self.spawn(client, "echo", i, name=f"n{i}")
                 for i in range(20)]
        assert [one["result"] for one in client.call(
            "join", tasks=tasks)] == [[i] for i in range(20)]
        again = client.call("rerun", task=tasks[3])["id"]
        self.spawned.append(again)
        assert client.call("join", task=again) == [3]

    def do_recur(self, client):
        for method, params in (("later", {"seconds": 0.001}),
                               ("interval", {"seconds": 0.001,
                                             "max_runs": 2}),
                               ("loop", {"max_runs": 2}),
                               ("rate", {"hertz": 1000, "max_runs": 2}),
                               ("spawn", {"retry": {"times": 2}})):
            task = self.spawn(client, "echo", 1, method=method, **params)
            assert client.call("join", task=task) == [1]
        task = self.spawn(client, "fail", "no", retry={
            "times": 1, "backoff": 0.001})
        self.failed(client, task)

    def do_gates(self, client):
        client.call("pool", name="slots", size=1)
        first = self.spawn(client, "sleep", 0.002, pool="slots")
        second = self.spawn(client, "echo", 2, pool="slots", after=first)
        assert client.call("join", task=second) == [2]
        cause = self.failed(client, self.spawn(
            client, "echo", after_ok=self.spawn(client, "fail", "no")))
        assert cause["data"]["type"] == "Cancelled", cause
        assert client.call("pool", name="slots")["size"] == 1

    def do_tree(self, client):
        parent = self.spawn(client, "sleep", FOREVER, name="top",
                            scope="cancel")
        children = [self.spawn(client, "sleep", FOREVER, parent=parent)
                    for _ in range(3)]
        page = client.call("tree", task=parent, limit=2)
        page = client.call("tree", task=parent, limit=2, after=page["next"])
        assert page["tasks"][-1]["id"] == children[-1]
        assert [row["id"] for row in client.call(
            "children", task=parent)] == children
        assert client.call("parent", task=children[0])["id"] == parent
        assert client.call("current")["function"] == "client"
        assert [row["id"] for row in client.rows("list", name="top",
                                                 finished=False)] == [parent]
        assert client.call("show", task="top")["args"] == [FOREVER]
        client.call("pause", task=parent)
        client.call("resume", task=parent)
        gone = client.call("cancel", task=parent, reason="enough")
        assert gone["count"] == 4
        assert self.failed(client, children[0])["data"]["reason"] == "enough"

    def do_command(self, client):
        task = self.spawn(client, "exec", "echo", "out")
        assert client.call("join", task=task) == {"exit_status": 0}
        assert self.output(client, task) == "out\n"
        assert client.call("show", task=task)["exit_status"] == 0
        task = self.spawn(client, "exec", "sh", "-c",
                          "cat; echo err >&2; exit 3",
                          options={"stdin": "in\n"})
        assert self.failed(client, task)["data"]["exit_status"] == 3
        assert sorted(self.output(client, task).split()) == ["err", "in"]
        task = self.spawn(client, "exec", "/none")
        assert self.failed(client, task)["data"]["error"] == "ENOENT"

    def do_pipes(self, client):
        task = self.spawn(client, "exec", "cat",
                          options={"stdin_pipe": True})
        other = self.connect()
        follow = other.start("output", task=task, follow=True)
        other.call("ping")
        sent = b"x" * 100_000
        client.call("write", task=task, data=octets(sent))
        assert client.call("show", task=task)["state"] == "running"
        client.call("write", task=task, data="\n", eof=True)
        assert client.call("join", task=task) == {"exit_status": 0}
        other.finish(follow)
        told = "".join(one["data"] for one in other.told)
        assert told == sent.decode() + "\n", len(told)

    def do_leftovers(self, client):
        path = os.path.join(self.daemon.folder, "pid")
        task = self.spawn(client, "exec", "sh", "-c",
                          f"(trap '' HUP; sleep 5) & echo $! >{path}",
                          options={"output": "null"})
        assert client.call("join", task=task) == {"exit_status": 0}
        with open(path, encoding="ascii") as file:
            pid = int(file.read())
        assert not os.path.exists(f"/proc/{pid}"), "it was left"

    def do_cancel_command(self, client):
        task = self.spawn(client, "exec", "sleep", "1000",
                          options={"output": {"file": os.devnull}})
        eventually(lambda: client.call("show", task=task)["state"] !=
                   "ready")
        client.call("pause", task=task)
        client.call("resume", task=task)
        client.call("cancel", task=task, grace=1)
        self.failed(client, task)

    def do_host(self, _):
        program = self.connect(Program)
        program.provide("twice")
        task = self.spawn(program, "twice", 21)
        assert program.expect("run")["task"] == task
        show = program.start("show", task=task)
        program.answer(program.next(), result={"state": "well"})
        program.finish(show)
        program.end(task, 42)
        assert program.call("join", task=task) == 42
        hosted = program.host(name="mine")
        self.spawned.append(hosted)
        program.call("cancel", task=hosted, grace=0.5)
        assert program.expect("cancel")["task"] == hosted
        program.fail(hosted, "cancelled")
        self.failed(program, hosted)
        self.spawn(program, "twice", 1)
        program.expect("run")  # and goes away

    def do_messages(self, client):
        other = self.connect()
        me = client.call("current")["id"]
        you = other.call("current")["id"]
        client.call("send", task=you, body={"a": 1})
        assert other.call("receive") == {"body": {"a": 1}, "from": me}
        question = client.start("call", task=me, body="?")
        message = client.call("receive")
        client.call("reply", call=message["call"], result="!")
        assert client.finish(question) == "!"
        self.refused(client, "TimeoutError", "receive", timeout=0.001)

    def do_events(self, client):
        other = self.connect()
        client.call("subscribe", what=["finished"], name="seen")
        task = self.spawn(other, "echo", name="seen")
        assert client.read()["params"]["task"]["id"] == task
        client.call("unsubscribe")

    def do_attach(self, client):
        task = self.spawn(client, "sleep", FOREVER)
        other = self.connect()
        other.call("attach", task=task)
        child = self.spawn(other, "sleep", 0.001)
        assert client.call("parent", task=child)["id"] == task
        client.call("cancel", task=task, only=True)
        client.call("join", task=child)

    def do_refusals(self, client):
        for text in (b"{", b"[]", b"\xff", b'{"jsonrpc":"2.0","id":1}',
                     b"[" * 600):
            client.send(text + b"\n")
            assert client.read()["error"]["code"] <= -32600
        self.refused(client, "MethodNotFound", "none")
        self.refused(client, "InvalidParams", "ping", more=1)
        self.refused(client, "NoSuchTask", "show", task="nobody")
        self.refused(client, "Deadlock", "join",
                     task=client.call("current")["id"])
        client.send_json([request("ping", id=1), request("ping"),
                          request("sleep", {"seconds": 0.001}, id=2)])
        assert len(client.read()) == 2
        client.send(b"x" * (1 << 20) + b"xx")
        error = client.read()["error"]
        assert error["data"]["limit"] == "message"

    def do_leave(self, client):
        task = self.spawn(client, "sleep", FOREVER)
        for method, params in (("join", {"task": task}), ("receive", {}),
                               ("sleep", {"seconds": FOREVER}),
                               ("output", {"task": task, "follow": True})):
            client.start(method, **params)
        client.send(b'{"jsonrpc"')
        other = self.connect()
        other.call("ping")
        self.close()
        other = self.connect()
        other.call("cancel", task=task)
