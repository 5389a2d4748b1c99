"""What the tests of exec share: commands of a daemon, and the processes that
they are."""

import base64
import os
import shutil
import tempfile

from daemon import WRAPPER, DaemonTest, RpcError, eventually

# Why a command could not start is told through memory that it shares.
NO_SHARING = "valgrind makes a fork(2) of clone(2)" if WRAPPER else None
OWN_DESCRIPTORS = "valgrind has the highest descriptors for itself"

# Of `spawn` itself; all else that a test gives is an option of exec.
SPAWN_PARAMS = {"options", "name", "parent", "timeout", "scope", "unique"}

# Ends only by KILL, and says its pid when it is ready for that.
STUBBORN = 'trap "" TERM INT HUP; echo $$; exec sleep 1000'

# Twice forked, in a session of its own, its parents gone; says its pid.
DAEMONIZE = """
import os, signal, sys, time
begun, begin = os.pipe()
if os.fork():
    os.close(begin)
    os.read(begun, 1)
    if "leave" in sys.argv: os._exit(0)
    while True: time.sleep(1000)
os.setsid()
if os.fork(): os._exit(0)
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"%d\\n" % os.getpid())
os.close(begin)
while True: time.sleep(1000)
"""


def octets(data):
    """Bytes as the wire has them."""
    return {"base64": base64.b64encode(data).decode()}


def process(pid):
    """A process: its state, parent, group and session, and when it began; None
    for none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return {"state": fields[0], "parent": int(fields[1]),
            "group": int(fields[2]), "session": int(fields[3]),
            "began": int(fields[19])}


def is_alive(pid):
    """Whether it runs: a zombie does not."""
    found = process(pid)
    return found is not None and found["state"] not in "ZX"


def children_of(pid):
    """The pids of a process's children, zombies too."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


class CommandTest(DaemonTest):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    @classmethod
    def cancel_all(cls):
        ids = [row["id"] for row in cls.watcher.rows("list", finished=False)
               if row["function"] not in ("taskletd", "client")]
        cls.watcher.call("cancel", tasks=ids, grace=0)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seen = set()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        left = [pid for pid, began in cls.seen if is_alive(pid) and
                (process(pid) or {}).get("began") == began]
        assert not left, f"processes are left: {left}"

    def tearDown(self):
        super().tearDown()
        # A pid may be another's by the end.
        self.seen.update(
            (pid, found["began"]) for pid in children_of(self.daemon.pid)
            if (found := process(pid)) is not None)

    def path(self, name):
        return os.path.join(self.folder, name)

    def exec(self, *argv, method="spawn", **params):
        """The id of a new command."""
        options = {key: params.pop(key) for key in list(params)
                   if method == "spawn" and key not in SPAWN_PARAMS}
        options.update(params.pop("options", {}))
        return self.client.call(method, function="exec", args=list(argv),
                                options=options, **params)["id"]

    def sh(self, script, *args, **params):
        return self.exec("/bin/sh", "-c", script, "sh", *args, **params)

    def python(self, script, *args, **params):
        return self.exec("/usr/bin/python3", "-Sc", script, *args, **params)

    def join(self, task):
        return self.client.call("join", task=task)

    def data(self, task, **params):
        """What it wrote, as bytes."""
        page = self.client.call("output", task=task, encoding="base64",
                                limit=1 << 20, **params)
        return base64.b64decode(page["data"])

    def text(self, task, **params):
        return self.data(task, **params).decode()

    def run_sh(self, script, *args, **params):
        """What a script that succeeds writes."""
        task = self.sh(script, *args, **params)
        self.assertEqual(self.join(task), {"exit_status": 0})
        return self.text(task)

    def show(self, task):
        return self.client.call("show", task=task)

    def pid(self, task):
        return self.show(task)["pid"]

    def failure(self, task):
        """The error of one that fails."""
        cause = self.assert_join_error("failed", self.join, task)
        self.assertEqual(cause["data"]["type"], "FunctionError")
        return cause

    def await_output(self, task, wanted):
        """Waits until it has written that."""
        eventually(lambda: wanted in self.text(task))

    def await_lines(self, task, count):
        """The first lines that it writes, once there are so many."""
        return eventually(
            lambda: len(lines := self.text(task).splitlines(True)) >= count
            and lines[-1].endswith("\n") and [one.strip() for one in lines])

    def await_dead(self, *pids):
        eventually(lambda: not any(is_alive(pid) for pid in pids))

    def pids(self, task, count=1):
        return [int(line) for line in self.await_lines(task, count)]

    def stubborn(self, **params):
        task = self.sh(STUBBORN, **params)
        return task, self.pids(task)[0]

    def daemonized(self, *how, **params):
        task = self.python(DAEMONIZE, *how, **params)
        pid = self.pids(task)[0]
        eventually(lambda: (process(pid) or {}).get("parent") in
                   (self.daemon.pid, None))
        return task, pid

    def assert_reaped(self, *pids):
        """The daemon keeps none of them as zombies."""
        eventually(lambda: not set(pids) & set(children_of(self.daemon.pid)))

    def cancel(self, task, **params):
        return self.client.call("cancel", task=task, **params)

    def assert_cancelled(self, task):
        return self.assert_join_error("cancelled", self.join, task)

    def assert_invalid(self, *words, **params):
        """Those params of spawn are refused; the message has the words."""
        error = self.assert_error("InvalidParams", self.client.call, "spawn",
                                  **{"function": "exec", "args": ["true"],
                                     **params})
        for word in words:
            self.assertIn(word, str(error))

    def refusal(self, function, /, *args, **params):
        with self.assertRaises(RpcError) as caught:
            function(*args, **params)
        return caught.exception
