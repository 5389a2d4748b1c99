"""A program that hosts tasks, as a test drives it."""

import math

from daemon import Client


class Program(Client):
    """A connection that also takes what the daemon sends of its own."""

    def __init__(self, path):
        super().__init__(path)
        self.told = []

    def read_reply(self):
        """The next reply; what else comes before it is kept."""
        while "method" in (message := super().read()):
            self.told.append(message)
        return message

    def finish(self, request_id):
        while request_id not in self.early:
            reply = self.read_reply()
            self.early[reply["id"]] = reply
        return super().finish(request_id)

    def next(self):
        """The next message that is no reply."""
        if self.told:
            return self.told.pop(0)
        while "method" not in (message := self.read()):
            self.early[message["id"]] = message
        return message

    def expect(self, method):
        """The params of the next message, which is that notification. A
        grace is what was left of it then: it is rounded up."""
        message = self.next()
        assert message["method"] == method, message
        assert set(message) == {"jsonrpc", "method", "params"}, message
        params = message["params"]
        if "grace" in params:
            params["grace"] = math.ceil(params["grace"])
        return params

    def is_told_nothing(self):
        """Whether nothing is told that was due before this call."""
        self.call("ping")
        return not self.told

    def host(self, **params):
        """The id of a new task."""
        return self.call("host", **params)["id"]

    def provide(self, *functions):
        """Names, or whole descriptions."""
        self.call("provide", functions=[
            {"name": one, "summary": f"Does {one}."}
            if isinstance(one, str) else one for one in functions])

    def end(self, task, result=None):
        self.call("finish", task=task, result=result)

    def fail(self, task, message, **data):
        self.call("finish", task=task, error={
            "message": message, **({"data": data} if data else {})})

    def answer(self, question, **reply):
        """A reply to what the daemon asked."""
        self.send_json({"jsonrpc": "2.0", "id": question["id"], **reply})
