"""What the clients of the soak do with a connection of theirs: each function is
one life, as long as it lasts. Any other may cancel, pause or disconnect what it
has, so that most errors are expected; what is not is an AssertionError, or a
reply that never comes."""

import asyncio
import os
import subprocess

from daemon import MESSAGE_LIMIT, PIECE, RpcError, line, request
from soak_peer import Peer

CTL = os.path.join(os.environ.get("top_builddir", "."), "client/tasklet-ctl")
CLIENTS = 300
POOLS = {"narrow": 2, "wide": 8}

# Commands: those that end well, badly, late, and with company.
SCRIPTS = ("exit 0", "exit 7", "kill -9 $$", "echo out; echo err >&2",
           "sleep 0.2", "sleep 100", "sleep 100 & exit 0",
           "setsid sleep 100 & exit 3", 'trap "" TERM; sleep 100',
           "cat", "head -c 200000 /dev/zero", "(sleep 100 &) ; sleep 100")

GARBAGE = (b"", b"{", b"null", b"[]", b"[1,2]", b'"', b"\0\0\0", b"\xff\xfe",
           b"[" * 600, b'{"jsonrpc":"2.0"}', b'{"jsonrpc":"2.0","id":{}}',
           b"x" * 70000, b"[" + b"{}," * 1000 + b"{}]")


def some_request(rng, ledger):
    """A method and its params, valid or nearly."""
    task, other = ledger.some(rng), ledger.some(rng)
    name = f"n{rng.randrange(30)}"
    scope = rng.choice(("detach", "wait", "cancel"))
    brief = rng.random() / 5
    return rng.choice((
        ("spawn", {"function": "sleep", "args": [brief], "parent": task,
                   "name": name, "scope": scope}),
        ("spawn", {"function": "sleep", "args": [1e6], "timeout": brief,
                   "name": name, "scope": scope}),
        ("spawn", {"function": "echo", "args": [name] * 10, "unique": True,
                   "name": name}),
        ("spawn", {"function": "fail", "args": [name], "retry":
                   {"times": 2, "backoff": brief}}),
        ("spawn", {"function": "print", "args": [name * 200],
                   "after": [task, other]}),
        ("spawn", {"function": "sum", "args": [1, 2], "after_ok": task,
                   "pool": rng.choice(list(POOLS)), "weight": 2}),
        ("spawn", {"function": name, "args": [], "parent": task}),
        ("later", {"function": "echo", "seconds": brief}),
        ("interval", {"function": "fail", "args": [name], "seconds": brief,
                      "max_failures": 3}),
        ("rate", {"function": "echo", "hertz": 50, "max_runs": 5}),
        ("loop", {"function": "sleep", "args": [brief], "max_runs": 3}),
        ("rerun", {"task": task}), ("children", {"task": task}),
        ("join", {"task": task, "timeout": brief}),
        ("join", {"tasks": [task, other], "timeout": brief}),
        ("join", {"tasks": [task, other], "mode": "any", "timeout": brief}),
        ("cancel", {"task": task, "grace": brief}),
        ("cancel", {"tasks": [task, other], "only": True, "reason": name}),
        ("pause", {"task": task}), ("resume", {"task": task}),
        ("resume", {"task": other}),
        ("show", {"task": task}), ("show", {"task": name}),
        ("output", {"task": task}), ("tree", {"task": task, "limit": 5}),
        ("tree", {"after": rng.randrange(1, 99), "limit": 5}),
        ("list", {"name": name, "limit": 5}), ("current", {}), ("stats", {}),
        ("send", {"task": task, "body": name}), ("pool", {}),
        ("sleep", {"seconds": brief}), ("functions", {}), ("version", {}),
        ("spawn", {"function": "nothing"}), ("spawn", {"args": 1}),
        (name, {}), ("join", {}), ("sleep", {"seconds": "1"})))


async def ask_anything(peer, rng):
    for _ in range(rng.randrange(1, 60)):
        method, params = some_request(rng, peer.ledger)
        try:
            await peer.call(method, **params)
        except RpcError:
            pass


async def send_garbage(peer, rng):
    """Whatever it is, the next ping is answered, or the end is in order."""
    for _ in range(rng.randrange(1, 20)):
        data = bytearray(rng.choice(GARBAGE) if rng.random() < 0.5 else line(
            request(*some_request(rng, peer.ledger), id=0)).strip())
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(data) + 1)
            data[at:at + rng.randrange(2)] = rng.randbytes(rng.randrange(3))
        if rng.random() < 0.02:
            data = bytearray(MESSAGE_LIMIT + 1)
        peer.send(data.replace(b"\n", b"") + b"\n")
        assert await peer.call("ping") == "pong"


async def die_in_mid_message(peer, rng):
    for _ in range(rng.randrange(1, 20)):
        method, _ = some_request(rng, peer.ledger)
        _, params = some_request(rng, peer.ledger)
        peer.ask(method, **params)
    text = line(request(*some_request(rng, peer.ledger), id=0))
    peer.send(text[:rng.randrange(len(text))])
    if rng.random() < 0.5:
        await peer.settle_out()
        await asyncio.sleep(rng.random() / 10)


async def flood(peer, rng):
    """Many requests at once: every one is answered once."""
    ids = [peer.ask("spawn", function="echo", args=[i]) if rng.random() < 0.5
           else peer.ask("ping") for i in range(rng.randrange(10, 1000))]
    await peer.settle_out()
    for request_id in ids:
        assert "result" in await peer.reply(request_id)


async def never_read(peer, rng):
    """Asks for more than is queued for it, and leaves it there."""
    peer.stop_reading()
    pings = line(request("rpc.discover", id=1)) * 50
    try:
        async with asyncio.timeout(rng.random() * 2):
            for _ in range(PIECE // len(pings)):
                peer.send(pings)
                await peer.settle_out()
            await asyncio.sleep(1)
    except TimeoutError:
        pass


async def fill_a_pool(peer, rng):
    """Many small commands, of which so many run at a time as it has slots."""
    pool = rng.choice(list(POOLS))
    tasks = [await peer.spawn("exec", "true", pool=pool)
             for _ in range(rng.randrange(1, 10))]
    for task in tasks:
        shown = await peer.call("pool", name=pool)
        assert shown["used"] <= shown["size"] == POOLS[pool], shown
        state = await peer.outcome(task, 5)
        if rng.random() < 0.1 and state is not None:
            await forget(peer, task)


async def forget(peer, task):
    peer.ledger.let_go_of(task)
    await peer.call("forget", task=task)


async def run_commands(peer, rng):
    for _ in range(rng.randrange(1, 4)):
        task = await peer.spawn(
            "exec", "sh", "-c", rng.choice(SCRIPTS), options={
                "grace": rng.random() / 2, "output":
                rng.choice(("capture", "stream", "null")),
                "stdin_pipe": rng.random() < 0.3})
        if rng.random() < 0.3:
            peer.ask("write", task=task, data="x" * 100000, eof=True)
        if rng.random() < 0.5:
            await peer.outcome(task, rng.random())
        if rng.random() < 0.7:
            await peer.call("cancel", task=task)


async def host_and_vanish(peer, rng):
    """A program with tasks and a function of its own; it ends some of them,
    and leaves the others behind: they have failed."""
    tasks = [(await peer.call("host", name="hosted"))["id"]
             for _ in range(rng.randrange(1, 10))]
    name = f"soak.{id(peer)}"
    await peer.call("provide", functions=[{"name": name, "summary": "-"}])
    tasks += [await peer.spawn(name, scope="wait") for _ in range(3)]
    for task in rng.sample(tasks, rng.randrange(len(tasks))):
        try:
            await peer.call("finish", task=task, **rng.choice((
                {"result": 1}, {"error": {"message": "no"}}, {})))
        except RpcError:
            pass  # another ended it, or that was no outcome
    await asyncio.sleep(rng.random() / 5)


async def follow_and_stall(peer, rng):
    task = await peer.spawn(
        "exec", "sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x",
        options={"output": rng.choice(("capture", "stream"))})
    peer.ask("output", task=task, follow=True)
    await peer.settle_out()
    for _ in range(rng.randrange(3)):
        await peer.read()
    peer.stop_reading()
    await asyncio.sleep(rng.random())


async def watch_events(peer, rng):
    await peer.call("subscribe")
    try:
        for _ in range(rng.randrange(200)):
            await peer.read(patience=1)
    except TimeoutError:
        pass  # nothing happens any more
    if rng.random() < 0.5:
        peer.stop_reading()
        await asyncio.sleep(rng.random())


async def exchange_messages(peer, rng):
    box = await peer.spawn("sleep", 10)
    for i in range(rng.randrange(1, 20)):
        await peer.call("send", task=box, body=i)
    peer.ask("call", task=box, body="x" * 1000, timeout=rng.random())
    while rng.random() < 0.9:
        message = await peer.call("receive", task=box, timeout=1)
        if "call" in message:
            await peer.call("reply", call=message["call"], result=1)
    peer.ask("receive", task=box)
    await peer.settle_out()


async def die_as_a_process(peer, rng):
    """tasklet-ctl, killed wherever it is."""
    process = subprocess.Popen(
        [CTL, "--socket", peer.writer.get_extra_info("peername"), "run", "--",
         "sh", "-c", rng.choice(SCRIPTS)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await asyncio.sleep(rng.random())
        process.terminate()
        await asyncio.sleep(rng.random() / 10)
    finally:
        process.kill()
        process.wait()


async def cancel_a_client(peer, rng):
    """A connection is a task too, and the one that asks is another's."""
    mine = (await peer.call("current"))["id"]
    await peer.call("cancel", task=max(mine - rng.randrange(4),
                                       peer.ledger.first))


# How often each of them is lived.
LIVES = {ask_anything: 30, send_garbage: 10, die_in_mid_message: 10,
         flood: 3, never_read: 3, fill_a_pool: 8, run_commands: 6,
         host_and_vanish: 8, follow_and_stall: 3, watch_events: 3,
         exchange_messages: 5, die_as_a_process: 2, cancel_a_client: 1}


async def live_once(path, ledger, rng):
    """One life; how it ends is up to the others too."""
    peer = await Peer.connect(path, ledger)
    life, = rng.choices(list(LIVES), list(LIVES.values()))
    try:
        await life(peer, rng)
    except (ConnectionError, RpcError):
        pass
    except (AssertionError, TimeoutError) as error:
        raise AssertionError(f"in {life.__name__}: {error!r}") from error
    finally:
        peer.leave()


async def live(path, ledger, rng):
    while True:
        await live_once(path, ledger, rng)
