"""A taskletd whose allocations and system calls fail as a test plans it, by
way of tests/fault.c.

FAULT_EVERY=1 in the environment has each call fail in its turn; else the tests
try a sample of them, in another order with each UNIT_SEED.
"""

import atexit
import errno
import mmap
import os
import random
import re
import struct
import subprocess
import tempfile

import daemon
from daemon import Daemon

SHIM = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."),
                                    "tests/fault.so"))
EVERY = os.environ.get("FAULT_EVERY") == "1"
SEED = int(os.environ.get("UNIT_SEED") or random.randrange(1 << 31))


def find_sanitizer():
    """The library that the daemon was built with, which has to come first;
    None where there is none."""
    libraries = subprocess.run(["ldd", daemon.TASKLETD], check=True,
                               capture_output=True, text=True).stdout
    found = re.search(r"=> (\S*/libasan\S*)", libraries)
    return found and found[1]


SANITIZER = find_sanitizer()


class Plan:
    """What is to fail, and how often it was called, by the names of
    functions; `allocation` is all of malloc(3) together."""

    FORMAT = struct.Struct("20siIII")

    def __init__(self, names):
        self.names = list(names)
        self.file = tempfile.NamedTemporaryFile(prefix="fault.")
        self.file.truncate(4096)
        self.map = mmap.mmap(self.file.fileno(), 4096)
        for name in self.names:
            self.set(name)

    def close(self):
        self.map.close()
        self.file.close()

    def set(self, name, error=0, skip=0, count=0):
        """From now on, after so many calls so many fail."""
        self.FORMAT.pack_into(
            self.map, self.names.index(name) * self.FORMAT.size,
            name.encode(), error and getattr(errno, error), skip or 0, int(count), 0)

    def calls(self, name):
        """Since set()."""
        return self.FORMAT.unpack_from(
            self.map, self.names.index(name) * self.FORMAT.size)[4]


def environment(plan):
    """Of a program that fails so."""
    return {**os.environ, "FAULT_PLAN": plan.file.name,
            "LD_PRELOAD": ":".join(filter(None, (SANITIZER, SHIM)))}


class FaultyDaemon(Daemon):
    def __init__(self, plan, **kwargs):
        self.environment = environment(plan)
        super().__init__(**kwargs)


counts = {"tried": 0, "possible": 0}


@atexit.register
def tell_counts():
    if counts["possible"] > 0:
        print(f"{counts['tried']} of {counts['possible']} faults were tried")


def sample(count, most):
    """Numbers below the count: all of them, or so many."""
    chosen = range(count)
    if not EVERY and count > most:
        chosen = sorted(random.sample(chosen, most))
    counts["tried"] += len(chosen)
    counts["possible"] += count
    return chosen


def processes_of(daemon):
    """The commands that it has started, and what those have."""
    mark = f"TASKLET_SOCKET={daemon.path}\0".encode()
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:
                if mark in environ.read():
                    found.append(int(pid))
        except OSError:
            pass  # it has gone, or shows none as it is going
    return found
