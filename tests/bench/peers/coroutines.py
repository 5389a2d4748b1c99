"""As tasklets.lua, with the tasks of asyncio."""

import asyncio
import sys


def say(word):
    print(word, flush=True)
    sys.stdin.readline()


async def sleep(count):
    tasks = [asyncio.create_task(asyncio.sleep(1e6)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def spin(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def spin_both(count):
    await asyncio.gather(spin(count), spin(count))


async def put(queue, count):
    for i in range(count):
        await queue.put(i)


async def get(queue, count):
    for _ in range(count):
        await queue.get()


async def channel(count):
    queue = asyncio.Queue(1)
    await asyncio.gather(put(queue, count), get(queue, count))


async def echo(to, fro, count):
    for _ in range(count):
        await fro.put(await to.get())


async def ask(to, fro, count):
    for i in range(count):
        await to.put(i)
        await fro.get()


async def message(count):
    to, fro = asyncio.Queue(), asyncio.Queue()
    await asyncio.gather(echo(to, fro, count), ask(to, fro, count))


async def main(what, count):
    say("ready")
    kept = await {"sleep": sleep, "yield": spin_both, "channel": channel,
                  "message": message}[what](count)
    say("done")
    return kept is None


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
