#!/usr/bin/env python3
"""Types at an interactive shell: type_at.py FILE SHELL [ARG...] <LINES

Each line of stdin is typed with a CR behind it, on a terminal, once the line
before has run: that is when FILE has a line more. What the shell shows goes to
stdout."""
import os
import pty
import select
import signal
import sys
import time

# Seconds; what takes longer has failed.
PATIENCE = 60


def lines_of(path):
    try:
        with open(path, "rb") as file:
            return file.read().count(b"\n")
    except FileNotFoundError:
        return 0


def show(terminal):
    """Passes on what is shown within a short while; False at its end."""
    if not select.select([terminal], [], [], 0.05)[0]:
        return True
    try:
        data = os.read(terminal, 65536)
    except OSError:  # EIO: the shell has ended
        return False
    sys.stdout.buffer.write(data)
    return bool(data)


def wait_for(path, count, terminal):
    deadline = time.monotonic() + PATIENCE
    while lines_of(path) < count:
        if not show(terminal) or time.monotonic() > deadline:
            return False
    return True


def main():
    path, command = sys.argv[1], sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        # Who started the tests may have had it ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvp(command[0], command)
    good = wait_for(path, 1, terminal)  # the shell's set-up says that it is there
    for number, line in enumerate(sys.stdin.buffer.read().splitlines()):
        if not good:
            break
        os.write(terminal, line + b"\r")
        good = wait_for(path, number + 2, terminal)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while show(terminal) and time.monotonic() < deadline:
        pass
    os.waitpid(pid, 0)
    sys.stdout.buffer.flush()
    return 0 if good else 1


sys.exit(main())
