"""As tasklets.lua, with the greenlets of gevent."""

import json
import os
import sys

import gevent
import gevent.queue
import gevent.server
import gevent.socket
import gevent.subprocess


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


def join(count):
    for _ in range(count):
        gevent.spawn(int).join()


def run_commands(count):
    for _ in range(count):
        gevent.subprocess.call(["/bin/true"])


def command(count):
    gevent.joinall([gevent.spawn(run_commands, count // 4) for _ in range(4)])


tasks = []


def answer(request):
    if request["method"] != "spawn":
        return "pong"
    tasks.append(gevent.spawn(gevent.sleep, request["params"]["args"][0]))
    return {"id": len(tasks), "name": "sleep"}


def talk(connection, _):
    for line in connection.makefile("rb"):
        request = json.loads(line)
        connection.sendall(json.dumps(
            {"jsonrpc": "2.0", "id": request["id"],
             "result": answer(request)}).encode() + b"\n")


def listen(path):
    listener = gevent.socket.socket(gevent.socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    print("ready", flush=True)
    gevent.server.StreamServer(listener, talk).serve_forever()


if sys.argv[1] == "listen":
    listen(sys.argv[2])
say("ready")
all_of_them = {"sleep": sleep, "yield": spin_both, "channel": channel,
               "message": message, "join": join,
               "exec": command}[sys.argv[1]](int(sys.argv[2]))
say("done")
os._exit(0)
