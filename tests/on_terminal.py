#!/usr/bin/env python3
"""Runs a command on a terminal of so many columns: on_terminal.py COLUMNS COMMAND...

What it writes there goes to stdout; its exit status is passed on."""
import fcntl
import os
import pty
import struct
import sys
import termios


def main():
    columns, command = int(sys.argv[1]), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        attributes = termios.tcgetattr(0)
        attributes[1] &= ~termios.OPOST  # no CR before each LF
        termios.tcsetattr(0, termios.TCSANOW, attributes)
        os.execvp(command[0], command)
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # EIO: the other side is closed
            break
        if not data:
            break
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())
