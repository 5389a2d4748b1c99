"""As tasklets.lua, with the greenlets of gevent."""

import os
import sys

import gevent
import gevent.queue


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


def put(queue, count):
    for i in range(count):
        queue.put(i)


def get(queue, count):
    for _ in range(count):
        queue.get()


def channel(count):
    queue = gevent.queue.Channel()
    gevent.joinall([gevent.spawn(put, queue, count),
                    gevent.spawn(get, queue, count)])


def echo(to, fro, count):
    for _ in range(count):
        fro.put(to.get())


def ask(to, fro, count):
    for i in range(count):
        to.put(i)
        fro.get()


def message(count):
    to, fro = gevent.queue.Queue(), gevent.queue.Queue()
    gevent.joinall([gevent.spawn(echo, to, fro, count),
                    gevent.spawn(ask, to, fro, count)])


say("ready")
all_of_them = {"sleep": sleep, "yield": spin_both, "channel": channel,
               "message": message}[sys.argv[1]](int(sys.argv[2]))
say("done")
os._exit(0)
