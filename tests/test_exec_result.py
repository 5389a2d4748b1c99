#!/usr/bin/env python3
"""What becomes of a command: its result, what show tells of it, its runs, and
nothing that is left of many."""

import os
import signal
import unittest

from commands import NO_SHARING, CommandTest, octets
from daemon import SCALE, eventually, scaled


class TestResult(CommandTest):
    def test_is_the_exit_status(self):
        self.assertEqual(self.join(self.exec("true")), {"exit_status": 0})

    def test_a_failure_tells_it(self):
        cause = self.failure(self.sh("exit 7"))
        self.assertEqual(cause["data"], {"type": "FunctionError",
                                         "exit_status": 7})
        self.assertIn("7", cause["message"])

    def test_a_signal_is_told(self):
        for name, number in (("KILL", 9), ("TERM", 15), ("USR1", 10)):
            cause = self.failure(self.sh(f"kill -{name} $$"))
            self.assertEqual(cause["data"], {
                "type": "FunctionError",
                "signal": {"name": name, "number": number, "core": False}})
            self.assertIn(str(number), cause["message"])

    def test_a_signal_without_a_name(self):
        signal_json = self.failure(self.sh("kill -40 $$"))["data"]["signal"]
        self.assertEqual(signal_json, {"number": 40, "core": False})

    def test_whether_there_is_a_core(self):
        task = self.sh(f"cd {self.folder}; ulimit -c unlimited; kill -ABRT $$")
        told = self.failure(task)["data"]["signal"]
        self.assertEqual((told["name"], told["number"]), ("ABRT", 6))
        with open("/proc/sys/kernel/core_pattern", encoding="ascii") as file:
            if file.read().strip() == "core":
                self.assertEqual(told["core"], bool(os.listdir(self.folder)))

    def test_a_signal_is_no_success_whatever_is_ok(self):
        self.failure(self.sh("kill -TERM $$", ok_status=list(range(256))))


class TestShow(CommandTest):
    def test_while_it_runs(self):
        task = self.sh("echo $$; exec sleep 1000", cwd=self.folder)
        pid = int(self.await_lines(task, 1)[0])
        shown = self.show(task)
        self.assertEqual(shown["pid"], pid)
        self.assertEqual(shown["argv"][:2], ["/bin/sh", "-c"])
        self.assertEqual(shown["cwd"], self.folder)
        self.assertEqual(shown["state"], "running")
        self.assertGreater(shown["peak_memory"], 10000)
        self.assertEqual(sorted(shown["cpu"]), ["system", "user"])
        self.assertEqual(shown["leftovers"], [])
        for key in ("exit_status", "signal"):
            self.assertNotIn(key, shown)
        self.cancel(task, grace=0)
        self.assert_cancelled(task)

    def test_after_it_ended(self):
        task = self.python("""
import resource
data = b"x" * 150000000
while sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) < 0.2: pass
""")
        self.join(task)
        shown = self.show(task)
        self.assertEqual(shown["exit_status"], 0)
        self.assertGreaterEqual(sum(shown["cpu"].values()), 0.2)
        self.assertLess(sum(shown["cpu"].values()), 10)
        self.assertGreater(shown["peak_memory"], 150000000)
        self.assertLess(shown["peak_memory"], 400000000)
        self.assertGreater(shown["pid"], 1)

    def test_the_daemons_memory_is_not_taken_for_its_own(self):
        large = [self.client.call("later", function="echo", seconds=1e6,
                                  args=["x" * 500000])["id"]
                 for _ in range(40)]
        task = self.exec("true")
        self.join(task)
        self.assertNotIn("peak_memory", self.show(task))
        self.client.call("cancel", tasks=large)

    def test_a_signal(self):
        task = self.sh("kill -KILL $$")
        self.failure(task)
        self.assertEqual(self.show(task)["signal"],
                         {"name": "KILL", "number": 9, "core": False})
        self.assertNotIn("exit_status", self.show(task))

    def test_before_it_began(self):
        task = self.client.call("later", function="exec", seconds=1000,
                                args=["true"])["id"]
        shown = self.show(task)
        self.assertEqual(shown["argv"], ["true"])
        self.assertEqual(shown["cwd"], os.getcwd())
        self.assertNotIn("pid", shown)
        self.cancel(task)
        self.assertNotIn("pid", self.show(task))

    @unittest.skipIf(NO_SHARING, NO_SHARING)
    def test_one_that_could_not_start(self):
        task = self.exec("/nowhere")
        self.failure(task)
        self.assertNotIn("pid", self.show(task))
        self.assertNotIn("exit_status", self.show(task))

    def test_bytes(self):
        folder = self.path("x").encode() + b"\xff"
        os.mkdir(folder)
        task = self.exec("true", octets(b"\xfe"), cwd=octets(folder))
        self.join(task)
        shown = self.show(task)
        self.assertEqual(shown["argv"], ["true", octets(b"\xfe")])
        self.assertEqual(shown["cwd"], octets(folder))

    def test_the_environment_is_nowhere(self):
        secret = "s3cr3t"
        options = {"env": {"A": secret, "PATH": secret + ":/bin"}}
        running = self.exec("sleep", "1000", options=options)
        failed = self.exec("false", options=options)
        missing = self.exec("nowhere", options=options)
        again = self.client.call("rerun", task=running)["id"]
        for task in (failed, missing):
            self.failure(task)
        told = [self.show(task) for task in (running, failed, missing, again)]
        told += [list(self.client.rows(method)) for method in
                 ("list", "tree")]
        self.daemon.signal(signal.SIGUSR1)
        eventually(lambda: "sleep" in self.daemon.log())
        for task in (running, again):
            self.cancel(task, grace=0)
        self.assertNotIn(secret, str(told))
        self.assertNotIn(secret, self.daemon.log())


class TestRecurrence(CommandTest):
    def recur(self, method, *argv, **params):
        return self.exec(*argv, method=method, **params)

    def test_loop(self):
        task = self.recur("loop", "/bin/sh", "-c", "echo run", max_runs=5)
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertEqual(self.text(task), "run\n" * 5)
        self.assertEqual(self.show(task)["runs"], 5)

    def test_interval(self):
        task = self.recur("interval", "echo", "run", seconds=0.01,
                          max_runs=3)
        self.join(task)
        self.assertEqual(self.text(task), "run\n" * 3)

    def test_rate(self):
        task = self.recur("rate", "echo", "run", hertz=50, max_runs=3)
        self.join(task)
        self.assertEqual(self.text(task), "run\n" * 3)

    def test_later(self):
        task = self.recur("later", "echo", "run", seconds=0.01)
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertEqual(self.text(task), "run\n")

    def test_failures_are_counted(self):
        task = self.recur("interval", "/bin/sh", "-c", "exit 3",
                          seconds=0.01, max_failures=3)
        self.assertEqual(self.failure(task)["data"]["exit_status"], 3)
        shown = self.show(task)
        self.assertEqual((shown["runs"], shown["failures"]), (3, 3))
        self.assertEqual(shown["last_error"]["data"]["exit_status"], 3)

    @unittest.skipIf(NO_SHARING, NO_SHARING)
    def test_starts_that_fail_are_counted(self):
        task = self.recur("interval", "/nowhere", seconds=0.01,
                          max_failures=3)
        self.assertEqual(self.failure(task)["data"]["error"], "ENOENT")
        self.assertEqual(self.show(task)["failures"], 3)

    def test_runs_never_overlap(self):
        lock = self.path("lock")
        task = self.recur(
            "rate", "/bin/sh", "-c",
            f"mkdir {lock} && sleep 0.03 && rmdir {lock}", hertz=100,
            max_runs=4)
        self.join(task)
        self.assertEqual(self.show(task)["failures"], 0)
        self.assertGreater(self.show(task)["missed"], 0)

    def test_is_cancelled_in_a_run(self):
        task = self.recur("loop", "/bin/sh", "-c",
                          "echo run; exec sleep 1000")
        pid = eventually(lambda: self.text(task) and self.pid(task))
        self.cancel(task)
        self.assert_cancelled(task)
        self.await_dead(pid)
        self.assertEqual(self.text(task), "run\n")

    def test_is_cancelled_between_runs(self):
        task = self.recur("interval", "echo", "run", seconds=1000,
                          immediate=True)
        eventually(lambda: self.show(task)["state"] == "sleeping"
                   and self.text(task))
        self.cancel(task)
        self.assert_cancelled(task)

    def test_a_rerun_keeps_the_options(self):
        task = self.sh('echo "$A"; pwd; cat; exit 3', cwd=self.folder,
                       env={"A": "value"}, stdin="text", ok_status=[3])
        self.join(task)
        again = self.client.call("rerun", task=task)["id"]
        self.assertEqual(self.join(again), {"exit_status": 3})
        self.assertEqual(self.text(again), f"value\n{self.folder}\ntext")

    def test_a_rerun_of_a_recurring_one_recurs(self):
        task = self.recur("loop", "echo", "run", max_runs=2)
        self.join(task)
        self.join(again := self.client.call("rerun", task=task)["id"])
        self.assertEqual(self.text(again), "run\nrun\n")

    def test_one_that_is_forgotten_is_gone(self):
        task = self.exec("true")
        self.join(task)
        self.client.call("forget", task=task)
        self.assert_error("NoSuchTask", self.show, task)


class TestMany(CommandTest):
    def test_a_hundred_at_once(self):
        tasks = [self.sh("echo $1; read x; exit 0", str(i), stdin_pipe=True)
                 for i in range(100)]
        for i, task in enumerate(tasks):
            self.await_output(task, f"{i}\n")
        pids = {self.pid(task) for task in tasks}
        self.assertEqual(len(pids), 100)
        for task in tasks:
            self.client.call("write", task=task, data="\n")
        ended = self.client.call("join", tasks=tasks)
        self.assertEqual({one["state"] for one in ended}, {"done"})
        self.assertEqual([self.text(task) for task in tasks],
                         [f"{i}\n" for i in range(100)])


class TestManyInARow(CommandTest):
    options = ("--max-retained", "100")

    def test_leave_nothing(self):
        self.run_many(400)
        descriptors = self.daemon.descriptors_in_use()
        memory = self.daemon.resident()
        self.run_many(scaled(4000))
        self.daemon.await_descriptors(descriptors)
        if SCALE == 1:
            self.assertLess(self.daemon.resident() - memory, 2 << 20)

    def run_many(self, count, at_once=20):
        for _ in range(count // at_once):
            ids = [self.client.start("spawn", function="exec",
                                     args=["/bin/true"])
                   for _ in range(at_once)]
            tasks = [self.client.finish(one)["id"] for one in ids]
            for ended in self.client.call("join", tasks=tasks):
                self.assertEqual(ended["state"], "done")


if __name__ == "__main__":
    unittest.main()
