#!/usr/bin/env python3
"""Hundreds of clients at once that do anything, well or badly, round after
round, for SOAK_SECONDS. After each round all is as before: every task that was
acknowledged has ended once, and no descriptor, process, timer or memory is
left. SOAK_SEED gives back a run, as far as the clock lets it."""

import asyncio
import multiprocessing
import os
import random
import signal
import time

from commands import children_of
from daemon import PATIENCE, Client, Daemon, eventually, line, request
from soak_lives import CLIENTS, POOLS, live
from soak_peer import ENDED, Ledger

SECONDS = float(os.environ.get("SOAK_SECONDS") or 600)
SEED = int(os.environ.get("SOAK_SEED") or random.randrange(1 << 32))
BEGUN = time.monotonic()

# A round is over after so many tasks, however fast this machine is. The first
# is longer, so that none after it needs memory that was not needed before.
ROUND_TASKS = 3000
WARM_TASKS = 4 * ROUND_TASKS
WARM_SECONDS_MOST = 300
GROWTH_MOST = 1.10
LAST_ROUNDS = 10

# Seconds that a ping may take, on any machine.
PING_MOST = 30

END = "the end of a round"
COMPANIONS = 2  # what pings, and what observes


class SoakDaemon(Daemon):
    """What it frees goes back to the system, as far as the C library can."""

    environment = {**os.environ,
                   "MALLOC_MMAP_THRESHOLD_": str(32 * 1024),
                   "MALLOC_TRIM_THRESHOLD_": str(32 * 1024)}


# --- beside the load, in processes of their own -------------------------------

def ping(path, pipe):
    """Sends how long the daemon keeps one waiting at most."""
    client = Client(path)
    worst = 0
    pipe.send("ready")
    while not pipe.poll(0.1):
        begun = time.monotonic()
        assert client.call("ping") == "pong"
        worst = max(worst, time.monotonic() - begun)
    pipe.send(worst)


def observe(path, pipe):
    """Sends how each task has ended, and how many events were missed."""
    client = Client(path)
    client.call("subscribe", what=["finished"])
    pipe.send("ready")
    states, missed = {}, 0
    while True:
        event = client.read()["params"]
        if event["what"] == "missed":
            missed += event["to"] - event["from"] + 1
            continue
        task = event["task"]
        assert task["id"] not in states, f"{task} has ended twice"
        states[task["id"]] = task["state"]
        if task["name"] == END:
            break
    pipe.send((states, missed))


class Companion:
    """One of the above."""

    def __init__(self, work, path):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=work, args=(path, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.receive()

    def receive(self):
        assert self.pipe.poll(PATIENCE), "nothing was heard of it"
        return self.pipe.recv()

    def finish(self):
        """What it has to say."""
        said = self.receive()
        self.process.join()
        return said


async def run_load(path, ledger, rng, tasks, until):
    """Until so many tasks were taken, or time is up. Then all are cut off,
    whatever they are doing."""
    clients = [asyncio.create_task(live(path, ledger,
                                        random.Random(rng.random())))
               for _ in range(CLIENTS)]
    broken = ()
    while (len(ledger.outcomes) < tasks and time.monotonic() < until and
           not broken):
        broken, _ = await asyncio.wait(clients, timeout=0.1,
                                       return_when=asyncio.FIRST_COMPLETED)
    for client in clients:
        client.cancel()
    await asyncio.wait(clients)
    for client in broken:
        client.result()


# --- the proof ------------------------------------------------------------------

def commands_of(path):
    """The processes that the commands of the daemon there are, or left."""
    mark = f"TASKLET_SOCKET={path}\0".encode()
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as environ:
                if mark in environ.read():
                    found.append(int(pid))
        except OSError:
            pass  # it has ended
    return found


def end_commands_of(path):
    """Where the daemon has failed, nobody else does."""
    while left := commands_of(path):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


def never_ended(stats):
    """How many were spawned that neither live nor have ended."""
    return (stats["spawned"] - stats["tasks"]["live"] -
            sum(stats["finished"].values()))


class Soak:
    def __init__(self):
        # That no outcome is let go before it was looked at.
        self.daemon = SoakDaemon(options=(
            "--max-retained", "10000000", "--max-retained-bytes",
            str(1 << 40), "--log-level", "error"))
        self.client = self.daemon.await_ready()
        for name, size in POOLS.items():
            self.client.call("pool", name=name, size=size)
        self.rng = random.Random(SEED)
        self.before = self.gauges()
        self.tasks = 0

    def say(self, what):
        print(f"{time.monotonic() - BEGUN:6.1f} s: {what}", flush=True)

    def gauges(self):
        """What is to be the same after a round."""
        stats = self.client.call("stats")
        return {"descriptors": self.daemon.descriptors_in_use(),
                "processes": children_of(self.daemon.pid) +
                commands_of(self.daemon.path),
                "functions": len(self.client.call("functions")),
                "never ended": never_ended(stats),
                **{key: stats[key] for key in (
                    "tasks", "timers", "gates", "clients")}}

    def cancel_all(self):
        """What is left of the load, not faster than events of it are told;
        whether nothing was, and nobody who could start more."""
        rows = list(self.client.rows("list", finished=False, limit=10000))
        tasks = [row["id"] for row in rows
                 if row["function"] not in ("taskletd", "client")]
        for at in range(0, len(tasks), 500):
            self.client.call("cancel", tasks=tasks[at:at + 500], grace=0)
        clients = [row for row in rows if row["function"] == "client"]
        return not tasks and len(clients) == 1 + COMPANIONS

    def end_round(self, observer):
        """Tells the observer, who may miss that, too."""
        deadline = time.monotonic() + PATIENCE
        self.client.spawn("echo", name=END)
        while not observer.pipe.poll(1):
            assert time.monotonic() < deadline, "no end was seen"
            self.client.spawn("echo", name=END)

    def check_outcomes(self, ledger, seen):
        """Each task that was acknowledged has ended, as was said, once."""
        rows = list(self.client.rows("list", finished=True, limit=10000))
        found = {row["id"]: row["state"] for row in rows}
        assert len(found) == len(rows), "a task is listed twice"
        assert self.client.call("stats")["tasks"]["retained"] == len(found)
        for states in (seen, found):
            for task, state in states.items():
                ledger.settle(task, state)
        for task, state in ledger.outcomes.items():
            assert state in ENDED, f"{task} has not ended"
            assert task in found or task in ledger.let_go, f"{task} is gone"
        self.forget(found)

    def forget(self, tasks):
        self.client.exchange(b"".join(
            line(request("forget", {"task": task}, id=task))
            for task in tasks), len(tasks))

    def await_gauges(self):
        deadline = time.monotonic() + PATIENCE
        while (gauges := self.gauges()) != self.before:
            assert time.monotonic() < deadline, (self.before, gauges)
            time.sleep(0.01)

    def run_round(self, tasks, until):
        """Returns the bytes that are resident after it."""
        ledger = Ledger(self.client.spawn("echo"))
        pinger, observer = (Companion(work, self.daemon.path)
                            for work in (ping, observe))
        ledger.first = self.client.spawn("echo")
        asyncio.run(run_load(self.daemon.path, ledger, self.rng, tasks,
                             until))
        eventually(self.cancel_all)
        pinger.pipe.send("stop")
        self.end_round(observer)
        seen, missed = observer.finish()
        worst = pinger.finish()
        assert worst < PING_MOST, f"a ping took {worst} s"
        self.check_outcomes(ledger, seen)
        self.await_gauges()
        resident = self.daemon.resident()
        self.tasks += len(ledger.outcomes)
        self.say(f"{len(ledger.outcomes)} tasks acknowledged, {len(seen)} "
                 f"seen to end, {missed} events missed; slowest ping "
                 f"{worst * 1000:.0f} ms; {resident // 1024} KiB")
        return resident

    def run(self):
        rounds = [self.run_round(WARM_TASKS, until=BEGUN + WARM_SECONDS_MOST)]
        end = BEGUN + SECONDS
        while len(rounds) < 2 or time.monotonic() < end:
            rounds.append(self.run_round(ROUND_TASKS, until=end))
        # What malloc keeps comes and goes; what is lost stays.
        half = len(rounds) // 2
        before, after = max(rounds[:half]), min(rounds[half:][-LAST_ROUNDS:])
        self.say(f"resident: at most {before // 1024} KiB in the first half, "
                 f"at least {after // 1024} KiB at the end")
        assert after <= before * GROWTH_MOST, "the daemon has grown"
        self.check_end()

    def check_end(self):
        begun = time.monotonic()
        assert self.client.call("ping") == "pong"
        assert time.monotonic() - begun < PING_MOST
        self.client.close()
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()
        assert self.daemon.log() == "", "the daemon has seen errors"
        assert not commands_of(self.daemon.path), "processes are left"
        self.say(f"clean: {self.tasks} tasks")


def main():
    print(f"SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}", flush=True)
    soak = Soak()
    try:
        soak.run()
    except BaseException:
        print(f"the daemon: {soak.daemon.process.poll()}",
              soak.daemon.log()[-10000:], flush=True)
        raise
    finally:
        soak.daemon.kill()
        end_commands_of(soak.daemon.path)


if __name__ == "__main__":
    main()
