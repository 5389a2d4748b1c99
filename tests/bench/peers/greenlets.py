"""As tasklets.lua, with the greenlets of gevent."""

import os
import sys

import gevent


def say(word):
    print(word, flush=True)
    sys.stdin.readline()


def sleep(count):
    kept = [gevent.spawn(gevent.sleep, 1e6) for _ in range(count)]
    gevent.sleep(0)
    return kept


def spin(count):
    for _ in range(count):
        gevent.sleep(0)


def spin_both(count):
    gevent.joinall([gevent.spawn(spin, count), gevent.spawn(spin, count)])


say("ready")
all_of_them = {"sleep": sleep, "yield": spin_both}[sys.argv[1]](
    int(sys.argv[2]))
say("done")
os._exit(0)
