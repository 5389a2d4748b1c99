"""As tasklets.lua, with the tasks of asyncio."""

import asyncio
import json
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


async def nothing():
    pass


async def join(count):
    for _ in range(count):
        await asyncio.create_task(nothing())


async def run_commands(count):
    for _ in range(count):
        process = await asyncio.create_subprocess_exec("/bin/true")
        await process.wait()


async def command(count):
    await asyncio.gather(*(run_commands(count // 4) for _ in range(4)))


tasks = []


def answer(request):
    if request["method"] != "spawn":
        return "pong"
    seconds = request["params"]["args"][0]
    tasks.append(asyncio.create_task(asyncio.sleep(seconds)))
    return {"id": len(tasks), "name": "sleep"}


async def talk(reader, writer):
    while line := await reader.readline():
        request = json.loads(line)
        writer.write(json.dumps({"jsonrpc": "2.0", "id": request["id"],
                                 "result": answer(request)}).encode() + b"\n")
        await writer.drain()


async def listen(path):
    server = await asyncio.start_unix_server(talk, path)
    print("ready", flush=True)
    await server.serve_forever()


async def main(what, count):
    if what == "listen":
        await listen(count)
    say("ready")
    kept = await {"sleep": sleep, "yield": spin_both, "channel": channel,
                  "message": message, "join": join,
                  "exec": command}[what](int(count))
    say("done")
    return kept is None


asyncio.run(main(sys.argv[1], sys.argv[2]))
