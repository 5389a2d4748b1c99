"""A connection of the soak, and the ledger: what the daemon told any of them of
the tasks that it has taken, which may never be contradicted."""

import asyncio
import json

from daemon import PATIENCE, RpcError, line, request

STARTS = {"spawn", "later", "interval", "loop", "rate", "rerun", "host"}
ENDED = {"done", "failed", "cancelled", "timeout"}

# The longest line that is read: pages and outcomes of many.
LINE_MOST = 1 << 27


class Ledger:
    """The tasks that were acknowledged, and how they are known to have
    ended."""

    def __init__(self, first):
        self.first = first  # a task: what is older is none of the load's
        self.outcomes = {}
        self.let_go = set()
        self.recent = []

    def acknowledge(self, task):
        assert task not in self.outcomes, f"{task} was acknowledged twice"
        self.outcomes[task] = None
        self.recent = [*self.recent[-300:], task]

    def settle(self, task, state):
        """The task is said to have ended so, as ever since it ended."""
        assert state in ENDED, (task, state)
        known = self.outcomes.get(task)
        assert known in (None, state), f"{task} was {known}, is {state}"
        if task in self.outcomes:
            self.outcomes[task] = state

    def let_go_of(self, task):
        """It is to be forgotten, which only what has ended is."""
        assert self.outcomes[task] is not None
        self.let_go.add(task)

    def some(self, rng):
        """A task that was taken lately; it may have ended since."""
        return rng.choice(self.recent or [self.first])


class Peer:
    """A connection. Whoever uses it reads all replies to what it asked, or
    leaves it for good."""

    def __init__(self, reader, writer, ledger):
        self.reader = reader
        self.writer = writer
        self.ledger = ledger
        self.last_id = 0
        self.asked = {}
        self.early = {}
        self.told = []

    @classmethod
    async def connect(cls, path, ledger):
        return cls(*await asyncio.open_unix_connection(path, limit=LINE_MOST),
                   ledger)

    def leave(self):
        """At once, whatever is on its way."""
        self.writer.transport.abort()

    def stop_reading(self):
        self.reader._transport.pause_reading()

    def send(self, data):
        """Perhaps more than goes out by itself: see settle_out."""
        if self.writer.is_closing():
            raise ConnectionResetError
        self.writer.write(data)

    async def settle_out(self):
        async with asyncio.timeout(PATIENCE):
            await self.writer.drain()

    def ask(self, method, /, **params):
        """Sends a request; returns its id."""
        self.last_id += 1
        self.asked[self.last_id] = (method, params)
        self.send(line(request(method, params, id=self.last_id)))
        return self.last_id

    async def read(self, patience=PATIENCE):
        """The next message, entered into the ledger."""
        async with asyncio.timeout(patience):
            text = await self.reader.readline()
        if not text.endswith(b"\n"):
            raise ConnectionResetError
        message = json.loads(text)
        if isinstance(message, list):  # to a batch, whoever sent it
            return {"method": "batch", "params": message}
        if "method" not in message:
            self.enter(message)
        return message

    def enter(self, reply):
        """What a reply says of tasks."""
        if reply["id"] not in self.asked:
            return
        method, params = self.asked.pop(reply["id"])
        if method in STARTS and "result" in reply:
            self.ledger.acknowledge(reply["result"]["id"])
        elif method == "join":
            self.enter_join(params, reply)

    def enter_join(self, params, reply):
        if "tasks" in params and "result" in reply:
            outcomes = reply["result"]
            for one in outcomes if isinstance(outcomes, list) else [outcomes]:
                self.ledger.settle(one["task"], one["state"])
        elif "result" in reply:
            self.ledger.settle(params["task"], "done")
        elif reply["error"]["data"]["type"] == "JoinError":
            data = reply["error"]["data"]
            self.ledger.settle(data["task"], data["state"])

    async def reply(self, request_id):
        while request_id not in self.early:
            message = await self.read()
            if "method" in message:
                self.told.append(message)
            else:
                self.early[message["id"]] = message
        return self.early.pop(request_id)

    async def call(self, method, /, **params):
        request_id = self.ask(method, **params)
        await self.settle_out()
        reply = await self.reply(request_id)
        if "error" in reply:
            raise RpcError(reply["error"])
        return reply["result"]

    async def spawn(self, function, /, *args, **params):
        return (await self.call("spawn", function=function, args=list(args),
                                **params))["id"]

    async def outcome(self, task, seconds):
        """How the task ended; None where it has not after that long."""
        try:
            await self.call("join", task=task, timeout=seconds)
            return "done"
        except RpcError as error:
            return error.data.get("state")
