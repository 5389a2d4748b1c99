#!/usr/bin/env python3
"""Commands that cannot start: the error says which step failed, on what path
and why, the daemon goes on, and the next one starts."""

import errno
import os
import resource
import shutil
import signal
import stat
import tempfile
import unittest
from unittest import mock

import test_owner
from commands import (NO_SHARING, OWN_DESCRIPTORS, CommandTest, children_of,
                      octets)
from daemon import PATIENCE, WRAPPER, Daemon
from test_owner import SERVICE, ServiceDaemon


def start_error(client, *argv, **options):
    """The data of the error of a command that cannot start."""
    task = client.spawn("exec", *argv, options=options)
    ended = client.call("join", tasks=[task], timeout=PATIENCE)[0]
    assert ended["state"] == "failed", ended
    return ended["error"]


@unittest.skipIf(NO_SHARING, NO_SHARING)
class StartTest(CommandTest):
    def failing(self, step, path, error, *argv, **options):
        before = children_of(self.daemon.pid)
        cause = start_error(self.client, *argv, **options)
        self.assertEqual(cause["code"], 9)
        data = {"type": "FunctionError", "step": step,
                "errno": getattr(errno, error), "error": error}
        if path is not None:
            data["path"] = path
        self.assertEqual(cause["data"], data)
        self.assertIn(step, cause["message"])
        self.assertIn(os.strerror(data["errno"]), cause["message"])
        if isinstance(path, str):
            self.assertIn(path[:100], cause["message"])
        self.assertEqual(children_of(self.daemon.pid), before)
        self.assertEqual(self.join(self.exec("true")), {"exit_status": 0})

    def file(self, name, text, mode=0o755):
        with open(self.path(name), "wb") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)


class TestFolder(StartTest):
    def test_that_is_not_there(self):
        path = self.path("none")
        self.failing("chdir", path, "ENOENT", "true", cwd=path)

    def test_that_is_a_file(self):
        path = self.file("file", b"")
        self.failing("chdir", path, "ENOTDIR", "true", cwd=path)

    def test_of_no_name(self):
        self.failing("chdir", "", "ENOENT", "true", cwd="")

    def test_of_any_name(self):
        path = octets(self.path("x").encode() + b"\xff")
        self.failing("chdir", path, "ENOENT", "true", cwd=path)

    def test_of_too_long_a_name(self):
        self.failing("chdir", "x" * 300, "ENAMETOOLONG", "true",
                     cwd="x" * 300)

    def test_that_loops(self):
        os.symlink("loop", self.path("loop"))
        self.failing("chdir", self.path("loop"), "ELOOP", "true",
                     cwd=self.path("loop"))


class TestFile(StartTest):
    def test_that_is_not_there(self):
        self.failing("exec", "/none", "ENOENT", "/none")

    def test_that_is_nowhere_in_the_path(self):
        self.failing("exec", "none-such", "ENOENT", "none-such")
        self.failing("exec", "none-such", "ENOENT", "none-such",
                     env={"PATH": ""})
        self.failing("exec", "true", "ENOENT", "true",
                     env={"PATH": self.folder})

    def test_of_no_name(self):
        self.failing("exec", "", "ENOENT", "")

    def test_that_is_a_folder(self):
        self.failing("exec", self.folder, "EACCES", self.folder)

    def test_that_is_a_folder_in_the_path(self):
        os.mkdir(self.path("command"))
        self.failing("exec", self.path("command"), "EACCES", "command",
                     env={"PATH": self.folder})

    def test_that_may_not_be_executed(self):
        path = self.file("file", b"#!/bin/sh\n", 0o644)
        self.failing("exec", path, "EACCES", path)
        self.failing("exec", path, "EACCES", "file",
                     env={"PATH": f"{self.folder}:/nowhere"})

    def test_that_is_no_program(self):
        path = self.file("file", b"echo hello\n")
        self.failing("exec", path, "ENOEXEC", path)
        self.failing("exec", path, "ENOEXEC", "file",
                     env={"PATH": self.folder})
        path = self.file("empty", b"")
        self.failing("exec", path, "ENOEXEC", path)

    def test_whose_interpreter_is_not_there(self):
        path = self.file("file", b"#!/none\n")
        self.failing("exec", path, "ENOENT", path)

    def test_that_is_written_to(self):
        path = self.path("busy")
        shutil.copy("/bin/true", path)
        with open(path, "ab"):
            self.failing("exec", path, "ETXTBSY", path)

    def test_of_any_name(self):
        path = octets(self.path("x").encode() + b"\xff")
        self.failing("exec", path, "ENOENT", path)

    def test_that_is_below_a_file(self):
        path = self.file("file", b"") + "/x"
        self.failing("exec", path, "ENOENT", path)

    def test_of_too_many_arguments(self):
        self.failing("exec", "/bin/true", "E2BIG", "/bin/true", "x" * 200000)
        self.failing("exec", "/bin/true", "E2BIG", "/bin/true",
                     env={"A": "x" * 200000})


class TestWhatWasWritten(StartTest):
    def test_before_it_could_not_start_is_refused(self):
        top = self.client.spawn("sleep", 1e9)
        self.client.call("pause", task=top)
        task = self.exec("/none", stdin_pipe=True, parent=top)
        write = self.client.start("write", task=task, data="x" * 200000)
        self.client.call("ping")
        self.client.call("resume", task=top)
        self.assert_error("FunctionError", self.client.finish, write)
        self.failure(task)


class SmallDaemonTest(unittest.TestCase):
    """A daemon for which something has run out."""

    def start(self, **options):
        daemon = Daemon(**options)
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        client.call("ping")  # it is no descriptor to come any more
        return daemon, client


class TestDescriptors(SmallDaemonTest):
    @unittest.skipIf(WRAPPER, OWN_DESCRIPTORS)
    def test_run_out_at_each_step(self):
        daemon, client = self.start()
        hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        before = daemon.descriptors_in_use()
        lowest = max(map(int, before)) + 1
        steps = {}
        for options in ({}, {"stdin": "x"}, {"stdin_pipe": True},
                        {"output": "null"}):
            for more in range(8):
                resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE,
                                 (lowest + more, hard[1]))
                task = client.spawn("exec", "true", options=options)
                ended = client.call("join", tasks=[task])[0]
                resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, hard)
                if ended["state"] == "done":
                    steps.setdefault(more, set()).add("none")
                else:
                    data = ended["error"]["data"]
                    self.assertEqual(data["error"], "EMFILE")
                    steps.setdefault(more, set()).add(data["step"])
                daemon.await_descriptors(before)
        self.assertEqual(steps[0], {"stdin", "pipe", "none"})
        self.assertEqual(steps[7], {"none"})

    @unittest.skipIf(WRAPPER, OWN_DESCRIPTORS)
    def test_without_one_for_the_process_it_is_waited_for_still(self):
        """Its end is then told by SIGCHLD alone."""
        daemon, client = self.start()
        hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        before = daemon.descriptors_in_use()
        lowest = max(map(int, before)) + 1
        for more in (0, 4, 5):
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE,
                             (lowest + more, hard[1]))
            options = {"output": "null"} if more == 0 else {}
            tasks = [client.spawn("exec", "sh", "-c", "echo $$; exit 0",
                                  options=options)]
            stuck = client.spawn("exec", "sleep", "1000",
                                 options={"output": "null"})
            ended = client.call("join", tasks=tasks, timeout=PATIENCE)
            self.assertEqual(ended[0]["state"], "done")
            client.call("cancel", task=stuck)
            ended = client.call("join", tasks=[stuck], timeout=PATIENCE)
            self.assertEqual(ended[0]["state"], "cancelled")
            self.assertEqual(client.call("show", task=stuck)["signal"]
                             ["name"], "TERM")
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, hard)
        daemon.await_descriptors(before)

    def test_of_pipes_that_are_small(self):
        """Pipes beyond the user's share are of a page, and all goes well."""
        daemon, client = self.start()
        tasks = [client.spawn("exec", "sh", "-c", "seq 20000; echo e >&2")
                 for _ in range(20)]
        for one in client.call("join", tasks=tasks):
            self.assertEqual(one["state"], "done")
        daemon.signal(signal.SIGTERM)
        daemon.check_end()


@unittest.skipIf(NO_SHARING, NO_SHARING)
@unittest.skipIf(os.geteuid(), "needs two users, and root")
class TestProcesses(unittest.TestCase):
    def start(self, kind=ServiceDaemon):
        daemon = kind()
        self.addCleanup(daemon.kill)
        client = daemon.await_ready()
        self.addCleanup(client.close)
        client.call("ping")
        return daemon, client

    def test_run_out(self):
        class OneProcess(ServiceDaemon):
            def before_exec(self):
                resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
                super().before_exec()
        # Of a user whose only process it is.
        with mock.patch.object(test_owner, "SERVICE", SERVICE + 100):
            daemon, client = self.start(OneProcess)
        before = daemon.descriptors_in_use()
        for _ in range(2):
            data = start_error(client, "true", stdin="x")["data"]
            self.assertEqual((data["step"], data["error"], "path" in data),
                             ("fork", "EAGAIN", False))
        daemon.await_descriptors(before)
        self.assertEqual(client.call("ping"), "pong")

    def test_what_its_user_may_not(self):
        daemon, client = self.start()
        folder = tempfile.mkdtemp(prefix="tasklet-exec.")
        self.addCleanup(shutil.rmtree, folder)
        for options, step, path, error in (
                ({"nice": -5}, "nice", None, "EACCES"),
                ({"cwd": folder}, "chdir", folder, "EACCES"),
                ({"output": {"file": folder + "/x"}}, "open",
                 folder + "/x", "EACCES")):
            data = start_error(client, "true", **options)["data"]
            self.assertEqual((data["step"], data.get("path"), data["error"]),
                             (step, path, error))
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
        data = start_error(client, folder + "/x")["data"]
        self.assertEqual((data["step"], data["path"], data["error"]),
                         ("exec", folder + "/x", "EACCES"))
        self.assertEqual(client.call("version")["uid"], SERVICE)


if __name__ == "__main__":
    unittest.main()
