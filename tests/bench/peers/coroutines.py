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


async def main(what, count):
    say("ready")
    kept = await {"sleep": sleep, "yield": spin_both}[what](count)
    say("done")
    return kept is None


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
