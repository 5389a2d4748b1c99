#!/usr/bin/env python3
"""A worker for taskletd in plain Python: it provides two functions.

    $ examples/worker.py &
    worker.py: provides words.count, countdown
    $ tasklet-ctl functions
    $ tasklet-ctl spawn -n words words.count 'to be or not to be'
    $ tasklet-ctl join words
    6
    $ tasklet-ctl spawn countdown 60
    $ tasklet-ctl show countdown
    $ tasklet-ctl cancel countdown

It speaks JSON-RPC 2.0, one JSON text to the line, over the daemon's socket, as
tasklet-protocol(7) has it. Each run gets a thread of its own, so that one which
takes long holds up no other; the main thread hears what the daemon says.
"""

import json
import os
import socket
import sys
import threading
import time


class Cancelled(Exception):
    """Raised in a run that is to end."""


class Run:
    """One run of a function, as the daemon drives it."""

    def __init__(self):
        self.changed = threading.Condition()
        self.cancelled = False
        self.paused = False
        self.state = "running"

    def set(self, **what):
        with self.changed:
            vars(self).update(what)
            self.changed.notify()

    def sleep(self, seconds):
        """As time.sleep, but a pause holds it and a cancel ends it."""
        with self.changed:
            while seconds > 0 or self.paused:
                if self.cancelled:
                    raise Cancelled()
                begin = time.monotonic()
                self.changed.wait(None if self.paused else seconds)
                if not self.paused:
                    seconds -= time.monotonic() - begin


# --- what is provided: each gets its run, then the arguments -------------------

def count_words(_, *texts):
    return sum(len(text.split()) for text in texts)


def count_down(run, seconds):
    if seconds < 0:
        raise ValueError(f"seconds must be 0 or more, not {seconds}")
    for left in range(int(seconds), 0, -1):
        run.state = f"{left} to go"
        run.sleep(1)
    return "lift-off"


FUNCTIONS = {
    "words.count": (count_words, "Counts the words of texts.",
                    [{"name": "texts", "type": "string", "repeat": True}]),
    "countdown": (count_down, "Counts seconds down, one at a time.",
                  [{"name": "seconds", "type": "number"}]),
}


# --- the wire -------------------------------------------------------------------

class Worker:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.sending = threading.Lock()
        self.runs = {}  # by the task's id

    def send(self, **message):
        text = json.dumps({"jsonrpc": "2.0", **message})
        with self.sending:
            self.socket.sendall(text.encode() + b"\n")

    def provide(self):
        self.send(id=1, method="provide", params={"functions": [
            {"name": name, "summary": summary, "arguments": arguments}
            for name, (_, summary, arguments) in FUNCTIONS.items()]})

    def carry_out(self, run, task, function, args):
        """In a thread: one run, to its end."""
        try:
            outcome = {"result": FUNCTIONS[function][0](run, *args)}
        except Cancelled:
            outcome = {"result": None}  # what it says no longer counts
        except Exception as error:  # whatever it is, the task fails with it
            outcome = {"error": {"message": str(error),
                                 "data": {"class": type(error).__name__}}}
        del self.runs[task]
        self.send(method="finish", params={"task": task, **outcome})

    def begin(self, task, function, args):
        run = self.runs[task] = Run()
        threading.Thread(target=self.carry_out, daemon=True,
                         args=(run, task, function, args)).start()

    def hear(self, message):
        method, params = message.get("method"), message.get("params")
        if method is None:  # the reply to `provide`
            if "error" in message:
                sys.exit(message["error"]["message"])
            print("worker.py: provides", ", ".join(FUNCTIONS), file=sys.stderr)
            return
        run = self.runs.get(params["task"])
        if method == "run":
            self.begin(params["task"], params["function"], params["args"])
        elif method == "describe":
            self.send(id=message["id"], result={
                "state": run.state if run is not None else "ending"})
        elif run is not None and method in ("cancel", "pause", "resume"):
            run.set(**({"cancelled": True} if method == "cancel" else
                       {"paused": method == "pause"}))

    def serve(self):
        """Until the daemon goes."""
        with self.socket.makefile(encoding="utf-8") as lines:
            for line in lines:
                self.hear(json.loads(line))


def default_path():
    """Where taskletd listens if it is told nothing else."""
    if os.geteuid() == 0:
        return "/run/tasklet/control.sock"
    if folder := os.environ.get("XDG_RUNTIME_DIR"):
        return f"{folder}/tasklet/control.sock"
    return f"/tmp/tasklet-{os.geteuid()}/control.sock"


def main():
    path = os.environ.get("TASKLET_SOCKET") or default_path()
    try:
        worker = Worker(path)
    except OSError as error:
        sys.exit(f"{path}: {error.strerror}: is taskletd running?")
    worker.provide()
    worker.serve()


if __name__ == "__main__":
    main()
