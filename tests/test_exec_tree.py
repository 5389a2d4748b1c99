#!/usr/bin/env python3
"""The processes that a command leaves behind: they end with its task, or are
kept, however they have spread."""

import os
import shutil
import signal
import tempfile
import unittest

from commands import CommandTest, children_of, is_alive
from daemon import PATIENCE, eventually
from test_owner import ServiceDaemon


class TestLeftBehind(CommandTest):
    def test_is_ended_with_it(self):
        task = self.sh("sleep 1000 & echo $!")
        pid = self.pids(task)[0]
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertFalse(is_alive(pid))
        self.assert_reaped(pid)

    def test_a_failure_stays_one(self):
        task = self.sh("sleep 1000 & exit 3")
        self.assertEqual(self.failure(task)["data"]["exit_status"], 3)

    def test_ignoring_the_signal_takes_the_grace(self):
        fifo = self.path("fifo")
        task = self.sh(f'mkfifo {fifo}; (trap "" TERM; : >{fifo}; '
                       f"exec sleep 1000) & echo $!; read x <{fifo}; exit 0",
                       grace=0.2)
        pid = self.pids(task)[0]
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertFalse(is_alive(pid))
        shown = self.show(task)
        self.assertGreaterEqual(shown["finished"] - shown["started"], 0.2)

    def test_in_a_session_of_its_own_is_ended(self):
        task, pid = self.daemonized("leave")
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertFalse(is_alive(pid))
        self.assert_reaped(pid)

    def test_in_a_session_of_its_own_is_cancelled(self):
        task, pid = self.daemonized()
        self.cancel(task)
        self.assert_cancelled(task)
        self.assertFalse(is_alive(pid))

    def test_stubborn_in_a_session_of_its_own(self):
        for how in ([], ["leave"]):
            task, pid = self.daemonized("stubborn", *how, grace=0.2)
            if not how:
                self.cancel(task)
            self.client.call("join", tasks=[task])
            self.assertFalse(is_alive(pid))

    def test_holds_its_task_until_it_has_ended(self):
        task, pid = self.daemonized("stubborn", "leave", grace=1000)
        shown = eventually(lambda: (shown := self.show(task)) and
                           "exit_status" in shown and shown)
        self.assertEqual(shown["state"], "running")
        self.assertEqual([one["pid"] for one in shown["leftovers"]], [pid])
        self.assertIn("python", shown["leftovers"][0]["command"])
        self.assertIn("cpu", shown)
        self.assertNotIn("peak_memory", shown)  # not known of a zombie
        self.cancel(task, grace=0)
        self.assert_cancelled(task)
        self.assertEqual(self.show(task)["leftovers"], [])
        self.assertFalse(is_alive(pid))

    def test_is_shown_while_the_command_runs(self):
        task, pid = self.daemonized()
        self.assertEqual([one["pid"] for one in self.show(task)["leftovers"]],
                         [pid])
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_without_environment_is_known_by_the_session(self):
        task = self.sh("(env -i sleep 1000 & echo $!) ; exit 0")
        pid = self.pids(task)[0]
        self.join(task)
        self.assertFalse(is_alive(pid))

    def test_without_environment_in_the_session_of_a_leftover(self):
        task = self.python("""
import os, time
if os.fork(): time.sleep(1000)
os.setsid()
if os.fork(): time.sleep(1000)
if os.fork(): os._exit(0)
os.write(1, b"%d\\n" % os.getpid())
os.execve("/bin/sleep", ["sleep", "1000"], {})
""")
        pid = self.pids(task)[0]
        self.cancel(task)
        self.assert_cancelled(task)
        self.await_dead(pid)

    def test_a_chain_whose_parents_die(self):
        """Each lives for a moment, and leaves the session. It ends at last,
        should the daemon not end it."""
        task = self.python("""
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"go\\n")
end = time.monotonic() + 120
while time.monotonic() < end:
    time.sleep(0.002)
    if os.fork(): os._exit(0)
    os.setsid()
""", grace=0.1)
        self.await_output(task, "go\n")
        ended = self.client.call("join", tasks=[task], timeout=PATIENCE)
        self.assertEqual(ended[0]["state"], "done")
        self.assert_no_descendants(task)
        self.assertEqual(children_of(self.daemon.pid), [])

    def test_a_group_that_forks_on(self):
        task = self.sh('trap "" TERM; echo go; '
                       'while :; do (sleep 0.01; :) & wait $!; done',
                       grace=0.1)
        self.await_output(task, "go\n")
        self.cancel(task)
        self.assert_cancelled(task)
        self.assert_no_descendants(task)

    def assert_no_descendants(self, task):
        wanted = f"TASKLET_ID={task}".encode()
        socket = f"TASKLET_SOCKET={self.daemon.path}".encode()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    found = file.read().split(b"\0")
            except OSError:
                continue
            self.assertFalse(wanted in found and socket in found, pid)

    def test_of_several_tasks_are_told_apart(self):
        tasks = [self.daemonized() for _ in range(5)]
        for task, pid in tasks:
            self.assertEqual(
                [one["pid"] for one in self.show(task)["leftovers"]], [pid])
        first, pid = tasks.pop()
        self.cancel(first)
        self.assert_cancelled(first)
        self.assertFalse(is_alive(pid))
        for task, pid in tasks:
            self.assertTrue(is_alive(pid))
            self.cancel(task)
        for task, pid in tasks:
            self.assert_cancelled(task)

    def test_between_runs_is_ended(self):
        task = self.exec("/bin/sh", "-c", "sleep 1000 & echo $!",
                         method="loop", max_runs=3)
        pids = self.pids(task, 3)
        self.join(task)
        self.assertEqual(len(set(pids)), 3)
        self.assertFalse(any(is_alive(pid) for pid in pids))

    def test_exited_children_are_no_zombies(self):
        task = self.sh("for i in 1 2 3 4 5 6 7 8 9; do "
                       "(sh -c 'sleep 0.01' &) ; done; sleep 1000")
        eventually(lambda: "pid" in self.show(task) and children_of(
            self.daemon.pid) == [self.pid(task)])
        self.cancel(task)
        self.assert_cancelled(task)


class TestKept(CommandTest):
    def test_goes_on_and_is_logged(self):
        task, pid = self.daemonized("leave", leftovers="keep")
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertTrue(is_alive(pid))
        self.assertIn(f"task {task} left process {pid}", self.daemon.log())
        self.assertEqual([one["pid"] for one in self.show(task)["leftovers"]],
                         [pid])
        os.kill(pid, signal.SIGKILL)
        self.assert_reaped(pid)
        self.assertEqual(self.show(task)["leftovers"], [])

    def test_may_write_on(self):
        """Nobody reads that any more; it is no reason to die of."""
        os.mkfifo(self.path("go"))
        task = self.sh(f"(read x <{self.path('go')}; echo more; "
                       f"echo more >&2; echo done >{self.path('file')}) & "
                       "exit 0", leftovers="keep")
        self.assertEqual(self.join(task), {"exit_status": 0})
        before = self.text(task)
        with open(self.path("go"), "w", encoding="ascii") as go:
            go.write("\n")
        eventually(lambda: os.path.exists(self.path("file")))
        self.assertEqual(self.text(task), before)
        eventually(lambda: not children_of(self.daemon.pid))

    def test_is_ended_by_a_cancel(self):
        task, pid = self.daemonized(leftovers="keep")
        self.cancel(task)
        self.assert_cancelled(task)
        self.assertFalse(is_alive(pid))

    def test_outlives_the_daemon_no_longer_than_it_must(self):
        task, pid = self.daemonized("leave", leftovers="keep")
        self.join(task)
        self.client.call("forget", task=task)
        self.assertTrue(is_alive(pid))
        os.kill(pid, signal.SIGTERM)
        self.assert_reaped(pid)


class TestImmune(unittest.TestCase):
    """A process that the daemon may not signal."""

    @unittest.skipIf(os.geteuid(), "needs two users, and root")
    def test_is_not_waited_for(self):
        folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o1777)
        helper = shutil.copy(shutil.which("setpriv"), folder)
        os.chmod(helper, 0o4755)
        daemon = ServiceDaemon()
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        root = [helper, "--reuid", "0", "--clear-groups"]
        # The command itself.
        task = client.spawn("exec", *root, "sh", "-c",
                            "echo $$; exec sleep 1000")
        pid = eventually(lambda: client.call("output", task=task)["data"])
        self.addCleanup(lambda: is_alive(int(pid)) and
                        os.kill(int(pid), signal.SIGKILL))
        client.call("cancel", task=task)
        ended = client.call("join", tasks=[task], timeout=PATIENCE)[0]
        self.assertEqual(ended["state"], "cancelled")
        self.assertTrue(is_alive(int(pid)))
        self.assertIn("may not be signalled", daemon.log())
        os.kill(int(pid), signal.SIGKILL)
        # What it left behind.
        said = f"{folder}/said"
        wait = f"until [ -e {said} ]; do sleep 0.01; done"
        task = client.spawn("exec", "sh", "-c", f'"$@" & {wait}', "sh", *root,
                            "sh", "-c",
                            f"echo $$; : >{said}; exec sleep 1000")
        self.assertEqual(client.call("join", task=task), {"exit_status": 0})
        pid = int(client.call("output", task=task)["data"])
        self.addCleanup(lambda: is_alive(pid) and
                        os.kill(pid, signal.SIGKILL))
        self.assertTrue(is_alive(pid))
        os.kill(pid, signal.SIGKILL)
        os.unlink(said)
        # The one that may not be signalled has exited, what it left may.
        task = client.spawn(
            "exec", *root, "sh", "-c",
            f"setsid {shutil.which('setpriv')} --reuid 60001 --clear-groups "
            f'sh -c \'trap "" TERM; echo $$; : >{said}; '
            f"while :; do sleep 1000; done' & {wait}", options={"grace": 0.2})
        ended = client.call("join", tasks=[task], timeout=PATIENCE)[0]
        pid = int(client.call("output", task=task)["data"])
        self.assertFalse(is_alive(pid), ended)
        daemon.signal(signal.SIGTERM)
        daemon.check_end()


if __name__ == "__main__":
    unittest.main()
