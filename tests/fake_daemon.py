#!/usr/bin/env python3
"""A daemon that is none: fake_daemon.py SOCKET LINE

Answers each connection's first bytes with LINE and closes. Its escapes are
Python's; none is added, no newline either."""
import ast
import os
import socket
import sys


def main():
    path = sys.argv[1]
    line = ast.literal_eval("b'''" + sys.argv[2] + "'''")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    listener.listen()
    os.rename(path + ".new", path)  # there only when it is listened on
    while True:
        connection, _ = listener.accept()
        connection.recv(65536)
        try:
            connection.sendall(line)
        except OSError:
            pass
        connection.close()


main()
