"""A real taskletd on a private socket, and clients of it.

The environment says what is run: top_builddir, the folder it was built in;
TASKLETD_WRAPPER, a command line put before its own ("valgrind -q
--leak-check=full --error-exitcode=99"); TASKLETD_SCALE, what the large numbers
of the tests are divided by, as it is slow under such a tool.
"""

import ctypes
import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

TASKLETD = os.path.join(os.environ.get("top_builddir", "."),
                        "daemon/taskletd")
WRAPPER = os.environ.get("TASKLETD_WRAPPER", "").split()
SCALE = int(os.environ.get("TASKLETD_SCALE") or (50 if WRAPPER else 1))

# No wait is longer: what takes more has failed.
PATIENCE = 300 if WRAPPER else 60
PIECE = 1 << 20

# The daemon's bounds, as its clients may rely on them.
MESSAGE_LIMIT = 1024 * 1024

# Tests that a shell runs in the background have it ignored, and so would what
# they start, Ctrl-C or not.
signal.signal(signal.SIGINT, signal.default_int_handler)

PR_SET_PDEATHSIG = 1
REPORT = re.compile(rb"Sanitizer|runtime error:|^==\d+==", re.MULTILINE)


def scaled(number):
    """A large number, smaller where the daemon runs slowly."""
    return max(number // SCALE, 100)


def eventually(condition):
    """Waits until the condition is true; returns its value."""
    deadline = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("it never came about")
        time.sleep(0.005)
    return value


class Closed(AssertionError):
    """The daemon has closed the connection."""


class RpcError(Exception):
    """An error reply."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.error = error
        self.code = error["code"]
        self.data = error["data"]


def request(method, params=None, **members):
    """A request as an object; without an id it is a notification."""
    value = {"jsonrpc": "2.0", "method": method, **members}
    if params is not None:
        value["params"] = params
    return value


def line(value):
    """A JSON text as a line of the wire."""
    return json.dumps(value).encode() + b"\n"


class Client:
    """One connection."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.received = bytearray()
        self.early = {}
        self.told = []  # params of notifications, as they came
        self.last_id = 0
        # As with settimeout(), but it waits while the others that connect have
        # not been accepted.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                               struct.pack("ll", PATIENCE, 0))
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(PATIENCE)

    def close(self):
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        for at in range(0, len(data), PIECE):  # a timeout for each
            self.socket.sendall(data[at:at + PIECE])

    def send_json(self, value):
        self.send(line(value))

    def start(self, method, /, **params):
        """Sends a request and returns its id."""
        self.last_id += 1
        self.send_json(request(method, params, id=self.last_id))
        return self.last_id

    def read_line(self):
        """The next line without its LF; None at the end of the stream."""
        while (end := self.received.find(b"\n")) == -1:
            data = self.socket.recv(65536)
            if not data and self.received:
                raise Closed("and cut the last line")
            if not data:
                return None
            self.received += data
        text = bytes(self.received[:end])
        del self.received[:end + 1]
        return text

    def read(self):
        """The next reply or batch of them, whichever it is to."""
        text = self.read_line()
        if text is None:
            raise Closed
        return json.loads(text)

    def finish(self, request_id):
        """The result of the request that start() sent."""
        while request_id not in self.early:
            reply = self.read()
            if "method" in reply:
                self.told.append(reply["params"])
            else:
                self.early[reply["id"]] = reply
        reply = self.early.pop(request_id)
        if "error" in reply:
            raise RpcError(reply["error"])
        return reply["result"]

    def call(self, method, /, **params):
        return self.finish(self.start(method, **params))

    def exchange(self, data, count):
        """Sends more than the daemon takes unread, and reads that many
        lines meanwhile."""
        sender = threading.Thread(target=self.send, args=(data,))
        sender.start()
        lines = [self.read_line() for _ in range(count)]
        sender.join()
        return lines

    def spawn(self, function, /, *args, **params):
        """The id of a new task."""
        return self.call("spawn", function=function, args=list(args),
                         **params)["id"]

    def rows(self, method, /, **params):
        """All rows of `tree` or `list`, page by page."""
        page = self.call(method, **params)
        yield from page["tasks"]
        while page["next"] is not None:
            page = self.call(method, **{**params, "after": page["next"]})
            yield from page["tasks"]

    def is_silent(self):
        """Whether nothing has come; a round trip has to have been made."""
        self.socket.setblocking(False)
        try:
            return not self.received and not self.socket.recv(
                1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)


class Daemon:
    """A process of taskletd. One that was started is to be killed, which is
    harmless where it has ended."""

    environment = None  # the test's
    passed = ()  # descriptors

    def __init__(self, path=None, options=(), descriptors=None):
        self.folder = tempfile.mkdtemp(prefix="taskletd.")
        self.path = path or os.path.join(self.folder, "control.sock")
        self.log_path = os.path.join(self.folder, "log")
        self.descriptors = descriptors
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*self.command(), *options], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=self.before_exec, pass_fds=self.passed)
        self.pid = self.process.pid

    def command(self):
        return [*WRAPPER, self.program(), "--socket", self.path]

    def program(self):
        return TASKLETD

    def before_exec(self):
        # A test that is itself killed leaves no daemon behind.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if self.descriptors is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE,
                               (self.descriptors, self.descriptors))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self):
        return Client(self.path)

    def await_ready(self):
        """Waits until it takes clients; returns the first one."""
        return eventually(self.try_connect)

    def try_connect(self):
        assert self.process.poll() is None, self.log()
        try:
            return self.connect()
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def log(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode(errors="replace")

    def wait(self):
        """Its exit status, once it has ended of its own accord."""
        return self.process.wait(PATIENCE)

    def check_end(self):
        """It ends in order, and the tools it ran under found nothing."""
        status = self.wait()
        with open(self.log_path, "rb") as log:
            text = log.read()
        assert status == 0 and not REPORT.search(text), (status, text)
        assert not os.path.lexists(self.path), "the socket is still there"

    def signal(self, number):
        self.process.send_signal(number)

    def descriptors_in_use(self):
        return sorted(os.listdir(f"/proc/{self.pid}/fd"))

    def await_descriptors(self, wanted):
        """Waits until it has those: it closes some after it has replied."""
        eventually(lambda: self.descriptors_in_use() == wanted)

    def await_stop(self):
        """Stops it: SIGSTOP is not there at once."""
        self.signal(signal.SIGSTOP)
        eventually(lambda: self.state() == "T")

    def state(self):
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0]

    def resident(self):
        """Bytes of memory."""
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()


class DaemonTest(unittest.TestCase):
    """Tests that share a daemon. Beside each of them a bystander has a
    request waiting and goes on undisturbed; after all of them the daemon
    holds nothing that it did not hold before."""

    descriptors = None
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.daemon = cls.start_daemon()
        cls.addClassCleanup(cls.daemon.kill)
        cls.watcher = cls.daemon.await_ready()
        cls.addClassCleanup(cls.watcher.close)
        cls.gauges_before = cls.gauges()

    @classmethod
    def start_daemon(cls):
        return Daemon(options=cls.options, descriptors=cls.descriptors)

    @classmethod
    def tearDownClass(cls):
        cls.cancel_all()
        eventually(lambda: cls.gauges() == cls.gauges_before)
        cls.watcher.close()
        cls.daemon.signal(signal.SIGTERM)
        cls.daemon.check_end()

    @classmethod
    def gauges(cls):
        stats = cls.watcher.call("stats")
        timers = stats["timers"]
        if stats["tasks"]["retained"] > 0:
            timers -= 1  # that of the oldest finished task
        return {"descriptors": len(cls.daemon.descriptors_in_use()),
                "clients": stats["clients"], "timers": timers,
                "tasks": stats["tasks"]["live"]}

    @classmethod
    def cancel_all(cls):
        ids = [row["id"] for row in cls.watcher.rows("list", finished=False)
               if row["function"] not in ("taskletd", "client")]
        cls.watcher.call("cancel", tasks=ids)

    def setUp(self):
        # The daemon may not have seen yet that those before have gone.
        eventually(lambda: self.gauges()["clients"] ==
                   self.gauges_before["clients"])
        self.bystander = self.connect()
        self.bystander_task = self.bystander.spawn("sleep", 1e9)
        self.bystander_join = self.bystander.start(
            "join", task=self.bystander_task)
        self.client = self.connect()
        self.client.call("ping")

    def tearDown(self):
        self.assertEqual(self.bystander.call("ping"), "pong")
        self.assertEqual(self.bystander.early, {})
        self.bystander.call("cancel", task=self.bystander_task)
        self.assert_join_error("cancelled", self.bystander.finish,
                               self.bystander_join)

    def connect(self):
        client = self.daemon.connect()
        self.addCleanup(client.close)
        return client

    def await_state(self, task, state):
        eventually(lambda: self.client.call("show", task=task)["state"] ==
                   state)

    def assert_error(self, kind, function, /, *args, **params):
        """The call fails with an error of that type, which is returned."""
        with self.assertRaises(RpcError) as caught:
            function(*args, **params)
        self.assertEqual(caught.exception.data["type"], kind,
                         caught.exception)
        return caught.exception

    def assert_join_error(self, state, function, /, *args, **params):
        """A JoinError of a task that ended so; its cause is returned."""
        error = self.assert_error("JoinError", function, *args, **params)
        self.assertEqual(error.data["state"], state)
        return error.data["cause"]


class LoneDaemonTest(unittest.TestCase):
    """Each test has a daemon of its own, which it may end."""

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.kill)
        self.client = self.daemon.await_ready()
        self.addCleanup(self.client.close)
