#!/usr/bin/env python3
"""Runs a command on a terminal and looks at its screen.

    on_screen.py ROWSxCOLUMNS COMMAND... -- STEP...

A step is one of
    see:REGEX      within a minute the screen is that (its lines without spaces at
                   their ends, and without empty ones below), as a whole
    size:ROWSxCOLUMNS
    type:TEXT      with Python's escapes
    run:COMMAND    of the shell, which must succeed
    signal:NAME    to the command
    ended:STATUS   the command ends so (negative: by that signal), and has left
                   the terminal as it was

The screen is a small VT100: an escape that it does not know fails the test."""
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

# Seconds; what takes longer has failed.
PATIENCE = 60

# Wrapping, the cursor, the other screen.
MODES = {"?7": True, "?25": True, "?1049": False}


class Screen:
    def __init__(self, rows, columns):
        self.modes = dict(MODES)
        self.other = ([], 0, 0)  # the screen that is not shown
        self.lines, self.row, self.column = [], 0, 0
        self.left, self.decoder = "", codecs.getincrementaldecoder("utf-8")()
        self.resize(rows, columns)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines = (self.lines + [""] * rows)[:rows]
        self.row = min(self.row, rows - 1)

    def text(self):
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")

    def feed(self, data):
        text = self.left + self.decoder.decode(data)
        # An escape may not have come in full.
        whole = re.fullmatch("(.*?)(\033(\\[[?0-9;]*)?)?", text, re.S).group(1)
        self.left = text[len(whole) :]
        for part in re.findall("\033\\[[?0-9;]*[@-~]|.", whole, re.S):
            if part[0] == "\033":
                self.escape(part[2:-1], part[-1])
            else:
                self.put(part)

    def put(self, c):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self.row += 1
            if self.row == self.rows:
                self.lines = self.lines[1:] + [""]
                self.row -= 1
        elif c.isprintable():
            if self.column == self.columns:
                if self.modes["?7"]:
                    self.put("\r")
                    self.put("\n")
                else:
                    self.column -= 1
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + c + line[self.column + 1 :]
            self.column += 1
        else:
            raise AssertionError("control character %r" % c)

    def escape(self, arguments, final):
        if final == "m":
            return
        if final == "H" and arguments == "":
            self.row = self.column = 0
        elif final == "K" and arguments == "":
            self.lines[self.row] = self.lines[self.row][: self.column]
        elif final == "J" and arguments == "":
            self.lines[self.row] = self.lines[self.row][: self.column]
            self.lines[self.row + 1 :] = [""] * (self.rows - self.row - 1)
        elif final in "hl" and arguments in self.modes:
            if arguments == "?1049" and self.modes[arguments] != (final == "h"):
                shown = (self.lines, self.row, self.column)
                (self.lines, self.row, self.column), self.other = self.other, shown
                if final == "h":  # it begins empty
                    self.lines = []
                self.resize(self.rows, self.columns)
            self.modes[arguments] = final == "h"
        else:
            raise AssertionError("escape %r %r" % (arguments, final))


class Terminal:
    def __init__(self, size, command):
        rows, columns = map(int, size.split("x"))
        self.screen = Screen(rows, columns)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # Not before the size is set.
            os.read(0, 1)
            # Who started the tests may have had it ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvp(command[0], command)
        attributes = termios.tcgetattr(self.fd)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, attributes)
        self.set_size(size)
        os.write(self.fd, b"\n")

    def set_size(self, size):
        rows, columns = map(int, size.split("x"))
        self.screen.resize(rows, columns)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def read(self, timeout):
        """What comes within that time; False at the end."""
        if select.select([self.fd], [], [], timeout)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # EIO: the other side is closed
                return False
            self.screen.feed(data)
            return data != b""
        return True

    def see(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not re.fullmatch(pattern, self.screen.text(), re.S):
            left = deadline - time.monotonic()
            assert left > 0, "not seen"
            assert self.read(left) or re.fullmatch(
                pattern, self.screen.text(), re.S
            ), "not seen before the end"

    def ended(self, status):
        deadline = time.monotonic() + PATIENCE
        while self.read(max(0, deadline - time.monotonic())):
            assert time.monotonic() < deadline, "not ended"
        ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        assert ended == int(status), "ended with %d" % ended
        assert self.screen.modes == MODES, "left with %r" % self.screen.modes

    def step(self, step):
        kind, _, value = step.partition(":")
        if kind == "see":
            self.see(value)
        elif kind == "size":
            self.set_size(value)
        elif kind == "type":
            os.write(self.fd, value.encode().decode("unicode_escape").encode())
        elif kind == "run":
            subprocess.run(value, shell=True, check=True, stdout=subprocess.DEVNULL)
        elif kind == "signal":
            os.kill(self.pid, getattr(signal, value))
        elif kind == "ended":
            self.ended(value)
        else:
            raise ValueError(step)


def main():
    split = sys.argv.index("--")
    terminal = Terminal(sys.argv[1], sys.argv[2:split])
    for step in sys.argv[split + 1 :]:
        try:
            terminal.step(step)
        except AssertionError as error:
            shown = terminal.screen.text()
            print("%s: %s; the screen:\n%s" % (step, error, shown), file=sys.stderr)
            os.close(terminal.fd)
            sys.exit(1)


main()
