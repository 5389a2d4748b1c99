#!/usr/bin/env python3
"""The end of a command before its time: cancel, timeout, shutdown; and pause,
which puts it off."""

import ctypes
import os
import signal
import sys
import time
import unittest

from commands import DAEMONIZE, STUBBORN, CommandTest, is_alive, process
from daemon import LoneDaemonTest, RpcError, eventually


class TestCancel(CommandTest):
    def test_takes_the_whole_group(self):
        task = self.sh("sleep 1000 & echo $!; (sleep 1000 & echo $!; wait) & "
                       "echo $$; wait")
        pids = self.pids(task, 3)
        self.assertEqual(self.cancel(task), {"cancelled": [task], "count": 1})
        self.assertEqual(self.assert_cancelled(task)["data"]["type"],
                         "Cancelled")
        self.assertFalse(any(is_alive(pid) for pid in pids))
        self.assert_reaped(*pids)

    def test_sends_the_kill_signal(self):
        script = """
import os, signal
wanted = set(range(1, 16)) - {signal.SIGKILL}
signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
os.write(1, b"ready ")
os.write(1, signal.Signals(signal.sigwait(wanted)).name.encode())
"""
        for options, params, number in (
                ({}, {}, "TERM"), ({"kill_signal": "INT"}, {}, "INT"),
                ({"kill_signal": "SIGHUP"}, {}, "HUP"),
                ({"kill_signal": 10}, {}, "USR1"),
                ({"kill_signal": "INT"}, {"signal": "QUIT"}, "QUIT"),
                ({}, {"signal": 1}, "HUP")):
            with self.subTest(number):
                task = self.python(script, **options)
                self.await_output(task, "ready ")
                self.cancel(task, **params)
                self.assert_cancelled(task)
                self.assertEqual(self.text(task), f"ready SIG{number}")

    def test_what_is_wrong(self):
        task = self.exec("sleep", "1000")
        for params in ({"signal": "NONE"}, {"signal": 0}, {"signal": 65},
                       {"signal": None}, {"signal": True}, {"grace": -1},
                       {"grace": "1"}, {"grace": None}):
            with self.subTest(params):
                self.assert_error("InvalidParams", self.cancel, task,
                                  **params)
        self.assertEqual(self.show(task)["state"], "running")
        self.cancel(task)
        self.assert_cancelled(task)

    def test_one_that_ignores_it_takes_the_grace(self):
        task, pid = self.stubborn(grace=1000)
        self.cancel(task)
        self.assertTrue(is_alive(pid))
        self.assertEqual(self.show(task)["state"], "running")
        before = time.monotonic()
        self.cancel(task, grace=0.3)
        self.assert_cancelled(task)
        self.assertGreaterEqual(time.monotonic() - before, 0.3)
        self.assertFalse(is_alive(pid))
        self.assertEqual(self.show(task)["signal"]["name"], "KILL")

    def test_a_grace_may_be_given(self):
        task, _ = self.stubborn(grace=1000)
        self.cancel(task, grace=0.05)
        self.assert_cancelled(task)

    def test_no_grace_kills_at_once(self):
        for options in ({"grace": 0}, {}):
            task, pid = self.stubborn(**options)
            self.cancel(task, **({} if options else {"grace": 0}))
            self.assert_cancelled(task)
            self.assertFalse(is_alive(pid))

    def test_a_second_one_hurries(self):
        task, pid = self.stubborn(grace=1000)
        self.assertEqual(self.cancel(task)["count"], 1)
        self.assertEqual(self.cancel(task)["count"], 0)
        self.assertTrue(is_alive(pid))
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_a_second_one_does_not_put_it_off(self):
        task, _ = self.stubborn(grace=0.3)
        self.cancel(task)
        self.cancel(task, grace=1000)
        self.assert_cancelled(task)

    def test_a_second_one_sends_its_signal(self):
        task = self.sh('trap "" TERM; trap "echo int; exit" INT; echo ready; '
                       'while :; do sleep 0.01; done', grace=1000)
        self.await_output(task, "ready\n")
        self.cancel(task)
        self.cancel(task, signal="INT")
        self.assert_cancelled(task)
        self.assertEqual(self.text(task), "ready\nint\n")

    def test_the_first_reason_stays(self):
        task, _ = self.stubborn()
        self.cancel(task, reason="first")
        self.cancel(task, reason="second", grace=0)
        self.assertEqual(self.assert_cancelled(task)["message"], "first")

    def test_a_daemon_that_was_held_up_looks_before_it_judges(self):
        tasks = [self.exec("sleep", "1000") for _ in range(30)]
        pids = [self.pid(task) for task in tasks]
        self.cancel_and_hold_up(tasks, seconds=2.2)
        for task in tasks:
            self.assert_cancelled(task)
        self.assert_reaped(*pids)
        self.assertNotIn("outlives", self.daemon.log())

    def cancel_and_hold_up(self, tasks, seconds):
        """The processes end while it stands still, past the time that it
        gives them."""
        self.client.call("cancel", tasks=tasks, grace=0)
        self.daemon.await_stop()
        time.sleep(seconds)
        self.daemon.signal(signal.SIGCONT)

    def test_its_own_end_is_no_result(self):
        task = self.sh('trap "exit 0" TERM; echo ready; '
                       'while :; do sleep 0.01; done', grace=1000)
        self.await_output(task, "ready\n")
        self.cancel(task)
        self.assert_cancelled(task)
        self.assertEqual(self.show(task)["exit_status"], 0)

    def test_of_one_that_was_stopped_by_hand(self):
        task = self.exec("sleep", "1000", grace=1000)
        pid = eventually(lambda: self.show(task).get("pid"))
        os.kill(pid, signal.SIGSTOP)
        eventually(lambda: process(pid)["state"] == "T")
        self.cancel(task)
        self.assert_cancelled(task)
        self.assertEqual(self.show(task)["signal"]["name"], "TERM")

    def test_of_one_that_did_not_begin(self):
        task = self.client.call("later", function="exec", seconds=1000,
                                args=["true"])["id"]
        self.cancel(task)
        self.assert_cancelled(task)

    def test_a_timeout_is_like_it(self):
        task = self.sh(STUBBORN, grace=0.1, timeout=0.5)
        pid = self.pid(task)
        self.assert_join_error("timeout", self.join, task)
        self.assertFalse(is_alive(pid))

    def test_a_timeout_covers_the_grace_of_nothing(self):
        task = self.exec("sleep", "1000", timeout=0)
        self.assert_join_error("timeout", self.join, task)

    def test_by_a_killed_command_is_a_failure(self):
        task = self.exec("sleep", "1000")
        os.kill(eventually(lambda: self.show(task).get("pid")),
                signal.SIGKILL)
        self.assertEqual(self.failure(task)["data"]["signal"]["number"], 9)

    def test_under_a_debugger(self):
        """Who traces a command hears of its end first, and may keep it to
        itself for a while."""
        libc = ctypes.CDLL(None, use_errno=True)
        task = self.exec("sleep", "1000")
        pid = eventually(lambda: self.show(task).get("pid"))
        seize, detach = 0x4206, 17
        if libc.ptrace(seize, pid, None, None) == -1:
            self.skipTest("processes may not be traced here")
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        self.client.call("ping")
        os.waitpid(pid, 0)
        libc.ptrace(detach, pid, None, None)
        self.assertEqual(self.failure(task)["data"]["signal"]["number"], 9)


class TestPause(CommandTest):
    def states(self, pids):
        return [process(pid)["state"] for pid in pids]

    def paused(self, **params):
        task = self.sh("sleep 1000 & echo $!; echo $$; wait", **params)
        pids = self.pids(task, 2)
        self.assertEqual(self.client.call("pause", task=task)["count"], 1)
        eventually(lambda: self.states(pids) == ["T", "T"])
        self.assertEqual(self.show(task)["state"], "paused")
        return task, pids

    def test_stops_the_group(self):
        task, pids = self.paused()
        self.assertEqual(self.client.call("resume", task=task)["count"], 1)
        eventually(lambda: "T" not in self.states(pids))
        self.assertEqual(self.show(task)["state"], "running")
        self.cancel(task)
        self.assert_cancelled(task)

    def test_the_timeout_stands_still(self):
        before = self.client.call("stats")["timers"]
        task, _ = self.paused(timeout=1000)
        self.assertEqual(self.client.call("stats")["timers"], before)
        self.client.call("resume", task=task)
        self.assertEqual(self.client.call("stats")["timers"], before + 1)
        self.cancel(task)
        self.assert_cancelled(task)

    def test_cancelled_it_hears_the_signal(self):
        task, pids = self.paused(grace=1000)
        self.cancel(task)
        self.assert_cancelled(task)
        self.assertFalse(any(map(is_alive, pids)))

    def test_killed_it_has_failed(self):
        task, pids = self.paused()
        os.kill(pids[1], signal.SIGKILL)
        self.failure(task)
        self.assertFalse(any(map(is_alive, pids)))

    def test_continued_by_hand_it_may_end(self):
        task = self.sh("read x; exit 0", stdin_pipe=True)
        eventually(lambda: "pid" in self.show(task))
        self.client.call("pause", task=task)
        self.client.call("write", task=task, data="\n")
        os.killpg(self.pid(task), signal.SIGCONT)
        self.assertEqual(self.join(task), {"exit_status": 0})

    def test_in_its_grace_changes_nothing(self):
        task, pid = self.stubborn(grace=1000)
        self.cancel(task)
        self.assertEqual(self.client.call("pause", task=task)["count"], 0)
        self.assertNotEqual(process(pid)["state"], "T")
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_of_one_that_recurs(self):
        task = self.exec("/bin/sh", "-c", "echo run; read x; exit 0",
                         method="loop", max_runs=2,
                         options={"stdin_pipe": True})
        self.await_output(task, "run\n")
        self.client.call("pause", task=task)
        pid = self.pid(task)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: process(pid) is None)
        eventually(lambda: self.show(task)["runs"] == 1)
        self.assertEqual(self.show(task)["state"], "paused")
        self.client.call("resume", task=task)
        self.await_output(task, "run\nrun\n")
        self.client.call("write", task=task, data="\n")
        self.join(task)

    def test_a_new_child_of_a_paused_one_waits(self):
        top = self.client.spawn("sleep", 1000)
        self.client.call("pause", task=top)
        task = self.exec("true", parent=top)
        self.assertEqual(self.show(task)["state"], "paused")
        self.assertNotIn("pid", self.show(task))
        self.client.call("resume", task=top)
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.cancel(top)


class TestScope(CommandTest):
    def test_wait_waits_for_commands(self):
        top = self.sh("read x", scope="wait", stdin_pipe=True)
        task = self.sh("read x", parent=top, stdin_pipe=True)
        self.client.call("write", task=top, data="\n")
        self.await_state(top, "waiting")
        self.assertEqual(self.show(top)["exit_status"], 0)
        self.client.call("write", task=task, data="\n")
        self.join(task)
        self.assertEqual(self.join(top), {"exit_status": 0})

    def test_cancel_ends_them(self):
        top = self.sh("read x", scope="cancel", stdin_pipe=True)
        task, pid = self.stubborn(parent=top, grace=0.2)
        self.client.call("write", task=top, data="\n")
        self.assertEqual(self.join(top), {"exit_status": 0})
        self.assert_cancelled(task)
        self.assertFalse(is_alive(pid))

    def test_a_parent_that_is_cancelled_cancels_them(self):
        top, above = self.stubborn(grace=0.1)
        task, pid = self.stubborn(parent=top, grace=0.1)
        self.assertEqual(self.cancel(top)["count"], 2)
        for one in (top, task):
            self.assert_cancelled(one)
        self.await_dead(pid, above)

    def test_only_leaves_them(self):
        top = self.exec("sleep", "1000")
        task, pid = self.stubborn(parent=top)
        self.cancel(top, only=True)
        self.assert_cancelled(top)
        self.assertTrue(is_alive(pid))
        self.cancel(task, grace=0)


class TestShutdown(LoneDaemonTest):
    """Of a daemon with commands that do not want to end."""

    def stubborn(self, **options):
        task = self.client.spawn("exec", "/bin/sh", "-c", STUBBORN,
                                 options=options)
        text = eventually(
            lambda: self.client.call("output", task=task)["data"])
        return int(text)

    def test_waits_for_the_grace(self):
        pids = [self.stubborn(grace=0.3) for _ in range(3)]
        before = time.monotonic()
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()
        self.assertGreaterEqual(time.monotonic() - before, 0.3)
        self.assertFalse(any(map(is_alive, pids)))

    def test_a_second_signal_does_not(self):
        pids = [self.stubborn(grace=1000) for _ in range(3)]
        self.daemon.signal(signal.SIGTERM)
        eventually(lambda: "shutting down" in self.daemon.log())
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()
        self.assertFalse(any(map(is_alive, pids)))

    def test_by_the_method(self):
        pid = self.stubborn(grace=0.1)
        join = self.client.start("join", task="exec")
        self.client.call("shutdown")
        with self.assertRaises(RpcError) as caught:
            self.client.finish(join)
        self.assertEqual(caught.exception.data["state"], "cancelled")
        self.daemon.check_end()
        self.assertFalse(is_alive(pid))

    def test_takes_what_daemonized(self):
        task = self.client.spawn("exec", sys.executable, "-Sc", DAEMONIZE,
                                 "stubborn", options={"grace": 0.2})
        pid = int(eventually(
            lambda: self.client.call("output", task=task)["data"]))
        eventually(lambda: process(pid)["parent"] == self.daemon.pid)
        self.daemon.signal(signal.SIGINT)
        self.daemon.check_end()
        self.assertFalse(is_alive(pid))

    def test_of_paused_ones(self):
        pid = self.stubborn(grace=0.2)
        self.client.call("pause", task="exec")
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()
        self.assertFalse(is_alive(pid))

    def test_of_a_cancelled_one_that_was_to_be_paused(self):
        """It waits by its scope for one that does not want to end."""
        top = self.client.call("spawn", function="exec", args=["cat"],
                               scope="wait",
                               options={"stdin_pipe": True})["id"]
        self.client.call("attach", task=top)
        pid = self.stubborn(grace=1000)
        self.client.call("cancel", task=top)
        eventually(lambda: self.client.call("show", task=top)["state"] ==
                   "waiting")
        self.assertEqual(self.client.call("pause", task=top)["count"], 0)
        self.daemon.signal(signal.SIGTERM)
        eventually(lambda: "shutting down" in self.daemon.log())
        os.killpg(pid, signal.SIGKILL)
        self.daemon.check_end()

    def test_of_recurring_ones(self):
        self.client.call("loop", function="exec", args=["true"])
        self.client.call("rate", function="exec", args=["true"], hertz=100)
        self.daemon.signal(signal.SIGTERM)
        self.daemon.check_end()

    def test_killed_it_takes_the_commands_along(self):
        pids = [self.stubborn() for _ in range(3)]
        self.daemon.process.kill()
        self.daemon.process.wait()
        for pid in pids:
            eventually(lambda: not is_alive(pid))


if __name__ == "__main__":
    unittest.main()
