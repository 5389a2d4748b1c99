#!/usr/bin/env python3
"""The output of exec: both streams in order, the last of it kept, and no
command that is held up for lack of a reader."""

import os
import signal
import stat
import unittest

from commands import NO_SHARING, CommandTest, children_of, is_alive, octets
from daemon import SCALE, eventually, scaled

KEPT = 64 * 1024
PAGE = 4096


class TestOrder(CommandTest):
    def expected(self, count):
        return "".join(f"{i}\n" for i in range(count))

    def assert_streams(self, task, count):
        """Even numbers went to stdout, odd ones to stderr."""
        self.assertEqual(self.text(task), self.expected(count))
        for stream, first in (("stdout", 0), ("stderr", 1)):
            self.assertEqual(
                self.text(task, stream=stream),
                "".join(f"{i}\n" for i in range(first, count, 2)))

    def test_of_a_shell(self):
        task = self.sh("i=0; while [ $i -lt 1000 ]; do "
                       "echo $i; i=$((i + 1)); echo $i >&2; i=$((i + 1)); "
                       "done")
        self.join(task)
        self.assert_streams(task, 1000)

    def test_of_small_writes(self):
        task = self.python("import os\n"
                           "for i in range(4000):\n"
                           "    os.write(1 + i % 2, b'%d\\n' % i)")
        self.join(task)
        self.assert_streams(task, 4000)

    def test_of_several_at_once(self):
        script = ("import os\n"
                  "for i in range(600):\n"
                  "    os.write(1 + i % 2, b'%d\\n' % i)")
        tasks = [self.python(script) for _ in range(10)]
        for task in tasks:
            self.join(task)
            self.assert_streams(task, 600)

    def test_of_single_bytes(self):
        data = os.urandom(500).hex()
        task = self.python("import os, sys\n"
                           "for i, c in enumerate(sys.argv[1]):\n"
                           "    os.write(1 + (i * i // 7) % 2, c.encode())",
                           data)
        self.join(task)
        self.assertEqual(self.text(task), data)

    def test_of_two_processes_that_take_turns(self):
        task = self.sh("i=0; while [ $i -lt 100 ]; do /bin/echo out $i; "
                       "/bin/echo err $i >&2; i=$((i + 1)); done")
        self.join(task)
        self.assertEqual(self.text(task), "".join(
            f"out {i}\nerr {i}\n" for i in range(100)))

    def test_when_a_stream_is_opened_anew(self):
        """Then it is an ordinary pipe, and in order for itself alone."""
        task = self.sh("for i in $(seq 100); do echo $i a; "
                       "echo $i b >/dev/stderr; echo $i c >/dev/stdout; "
                       "echo $i d >&2; done")
        self.join(task)
        for stream, marks in (("stdout", "ac"), ("stderr", "bd")):
            self.assertEqual(self.text(task, stream=stream), "".join(
                f"{i} {mark}\n" for i in range(1, 101) for mark in marks))

    def test_when_stderr_is_stdout(self):
        task = self.sh("exec 2>&1; for i in 1 2 3; do echo $i; echo e >&2; "
                       "done")
        self.join(task)
        self.assertEqual(self.text(task, stream="stdout"),
                         "1\ne\n2\ne\n3\ne\n")
        self.assertEqual(self.text(task, stream="stderr"), "")


class TestAmounts(CommandTest):
    def test_about_a_page(self):
        for size in (PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 8 * PAGE + 1,
                     KEPT - 1, KEPT):
            task = self.python(
                "import os, sys\n"
                "os.write(1, b'x' * (int(sys.argv[1]) - 1) + b'\\n')",
                str(size))
            self.join(task)
            self.assertEqual(self.data(task), b"x" * (size - 1) + b"\n")

    def test_about_a_page_on_both(self):
        for size in (PAGE - 1, PAGE, PAGE + 1):
            task = self.python(
                "import os, sys\n"
                "for i in range(4): os.write(1 + i % 2, "
                "b'%d' % i * int(sys.argv[1]))", str(size))
            self.join(task)
            for stream, marks in (("stdout", "02"), ("stderr", "13")):
                self.assertEqual(
                    self.text(task, stream=stream),
                    "".join(mark * size for mark in marks))

    def test_small_writes_after_large_ones(self):
        task = self.python("import os\n"
                           "os.write(1, b'a' * 10000)\n"
                           "for i in range(100): os.write(1, b'%d ' % i)")
        self.join(task)
        self.assertEqual(self.text(task), "a" * 10000 + "".join(
            f"{i} " for i in range(100)))

    def test_the_last_is_kept(self):
        task = self.sh("seq 100000")
        self.join(task)
        whole = "".join(f"{i}\n" for i in range(1, 100001))
        page = self.client.call("output", task=task)
        self.assertEqual(page, {"data": whole[-KEPT:], "next": len(whole),
                                "lost": len(whole) - KEPT})

    def test_of_two_streams_the_last_is_kept(self):
        task = self.sh("seq 50000; echo error >&2; sleep 0.05; seq 20")
        self.join(task)
        self.assertEqual(self.text(task, stream="stderr"), "error\n")
        self.assertLessEqual(len(self.text(task)), KEPT)
        self.assertTrue(self.text(task).endswith("\n19\n20\n"))

    def test_much_is_counted(self):
        size = scaled(200) * 1000000 // 2
        task = self.sh(f"head -c {size} /dev/zero; echo end")
        self.join(task)
        page = self.client.call("output", task=task)
        self.assertEqual(page["next"], size + 4)
        self.assertEqual(page["data"], "\0" * (KEPT - 4) + "end\n")

    def test_without_end_it_is_flat(self):
        task = self.exec("yes")
        eventually(lambda: self.written(task) > 1 << 20)
        memory = self.daemon.resident()
        wanted = self.written(task) + ((100 << 20) // SCALE)
        eventually(lambda: self.written(task) > wanted)
        self.assertEqual(self.client.call("ping"), "pong")
        if SCALE == 1:
            self.assertLess(self.daemon.resident() - memory, 1 << 20)
        self.cancel(task)
        self.assert_cancelled(task)
        self.assertEqual(self.text(task)[:100].count("y\n"), 50)

    def written(self, task):
        return self.client.call("output", task=task)["next"]

    def test_of_all_bytes(self):
        data = bytes(range(256)) * 10
        task = self.exec("cat", stdin=octets(data))
        self.join(task)
        self.assertEqual(self.data(task), data)
        self.assertIn("\ufffd", self.client.call("output", task=task)["data"])

    def test_of_many_runs_is_one(self):
        task = self.exec("/bin/sh", "-c", "echo out; echo err >&2",
                         method="loop", max_runs=50)
        self.join(task)
        self.assertEqual(self.text(task), "out\nerr\n" * 50)


class TestPipes(CommandTest):
    def test_is_there_before_the_end(self):
        task = self.sh("echo begin; read x; echo end", stdin_pipe=True)
        self.await_output(task, "begin\n")
        self.client.call("write", task=task, data="\n")
        self.join(task)
        self.assertEqual(self.text(task), "begin\nend\n")

    def test_when_the_command_closed_it(self):
        task = self.sh("echo begin; exec >&- 2>&-; read x; exit 3",
                       stdin_pipe=True)
        self.await_output(task, "begin\n")
        self.assertEqual(self.show(task)["state"], "running")
        self.client.call("write", task=task, data="\n")
        self.assertEqual(self.failure(task)["data"]["exit_status"], 3)

    def test_when_it_closed_one_after_much(self):
        task = self.sh("seq 5000; exec >&-; echo after >&2; read x; "
                       "echo end >&2", stdin_pipe=True)
        self.await_output(task, "after\n")
        self.client.call("write", task=task, data="\n")
        self.join(task)
        # Of much in one pipe nobody knows whether it came before the other.
        self.assertEqual(self.text(task, stream="stdout"), "".join(
            f"{i}\n" for i in range(1, 5001)))
        self.assertEqual(self.text(task, stream="stderr"), "after\nend\n")

    def test_when_the_command_does_not_wait_for_it(self):
        """It is told to come again, as with any pipe; none is lost."""
        task = self.python("""
import fcntl, os, select
fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_NONBLOCK)
for i in range(2000):
    data = b"%d\\n" % i
    while data:
        try:
            data = data[os.write(1, data):]
        except BlockingIOError:
            select.select([], [1], [])
""")
        self.join(task)
        self.assertEqual(self.text(task),
                         "".join(f"{i}\n" for i in range(2000)))

    def test_when_the_command_made_the_pipe_larger(self):
        task = self.python("""
import fcntl, os, sys
fcntl.fcntl(1, 1031, 1 << 20)  # F_SETPIPE_SZ
for i in range(200): os.write(1, b"%d\\n" % i)
sys.stdin.read()
""", stdin_pipe=True)
        wanted = "".join(f"{i}\n" for i in range(200))
        self.await_output(task, wanted)
        self.client.call("write", task=task, eof=True)
        self.join(task)
        self.assertEqual(self.text(task), wanted)

    def test_what_is_in_a_larger_pipe_at_the_end(self):
        for write in ("os.write(1, b'x' * 1000000)",
                      "for i in range(200): os.write(1, b'x' * 5000)"):
            task = self.python("import fcntl, os\n"
                               f"fcntl.fcntl(1, 1031, 1 << 20)\n{write}")
            self.join(task)
            page = self.client.call("output", task=task)
            self.assertEqual((page["next"], len(page["data"])),
                             (1000000, KEPT))

    def test_leftovers_that_are_kept_hold_no_descriptor(self):
        before = self.daemon.descriptors_in_use()
        for script in ("sleep 1000 & echo $!",
                       "seq 3000; sleep 1000 & echo $!",
                       "sleep 1000 >/dev/null 2>&1 & echo $!"):
            task = self.sh(script, leftovers="keep")
            self.join(task)
            pid = int(self.text(task).split()[-1])
            self.assertTrue(is_alive(pid))
            os.kill(pid, signal.SIGKILL)
            self.daemon.await_descriptors(before)

    def test_a_leftover_that_writes_without_end(self):
        path = self.path("pid")  # its own output leaves nothing else
        task = self.sh(f"yes & echo $! >{path}", leftovers="keep")
        self.join(task)
        with open(path, encoding="ascii") as file:
            pid = int(file.read())
        written = self.client.call("output", task=task)
        eventually(lambda: self.cpu_ticks(pid) > 5)
        self.assertEqual(self.client.call("output", task=task), written)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not children_of(self.daemon.pid))

    def cpu_ticks(self, pid):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])


class TestElsewhere(CommandTest):
    def test_null(self):
        task = self.sh("echo out; echo err >&2; at=$(readlink /proc/$$/fd/1); "
                       f"echo $at >{self.path('where')}", output="null")
        self.assertEqual(self.join(task), {"exit_status": 0})
        self.assertEqual(self.client.call("output", task=task),
                         {"data": "", "next": 0, "lost": 0})
        with open(self.path("where"), encoding="ascii") as file:
            self.assertEqual(file.read(), "/dev/null\n")

    def test_a_file_is_appended_to(self):
        path = self.path("log")
        for i in range(3):
            task = self.sh("echo out $1; echo err $1 >&2", str(i),
                           output={"file": path})
            self.join(task)
            self.assertEqual(self.text(task), "")
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "".join(
                f"out {i}\nerr {i}\n" for i in range(3)))

    def test_a_file_of_any_name(self):
        path = self.path("l").encode() + b"\xff"
        self.join(self.exec("echo", "x", output={"file": octets(path)}))
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "x\n")

    def test_a_file_below_the_folder_it_runs_in(self):
        self.join(self.exec("echo", "x", cwd=self.folder,
                            output={"file": "log"}))
        self.assertTrue(os.path.exists(self.path("log")))

    def test_a_new_file_has_the_mode_of_the_umask(self):
        self.join(self.exec("true", umask=0o077,
                            output={"file": self.path("log")}))
        mode = os.stat(self.path("log")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_a_fifo_with_a_reader(self):
        path = self.path("fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.join(self.sh("yes | head -c 5000; echo end",
                          output={"file": path}))
        self.assertTrue(os.read(reader, 65536).endswith(b"end\n"))

    def test_a_fifo_blocks_the_command_as_it_should(self):
        path = self.path("fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        task = self.exec("yes", output={"file": path})
        eventually(lambda: "pid" in self.show(task))
        os.close(reader)
        self.assertEqual(self.failure(task)["data"]["signal"]["name"], "PIPE")

    def failing(self, path, error, **options):
        task = self.exec("true", output={"file": path}, **options)
        data = self.failure(task)["data"]
        self.assertEqual((data["step"], data["path"], data["error"]),
                         ("open", path, error))

    @unittest.skipIf(NO_SHARING, NO_SHARING)
    def test_a_fifo_without_a_reader_fails_at_once(self):
        path = self.path("fifo")
        os.mkfifo(path)
        self.failing(path, "ENXIO")

    @unittest.skipIf(NO_SHARING, NO_SHARING)
    def test_a_folder(self):
        self.failing(self.folder, "EISDIR")

    @unittest.skipIf(NO_SHARING, NO_SHARING)
    def test_a_folder_that_is_not_there(self):
        self.failing(self.path("none/log"), "ENOENT")
        self.failing("", "ENOENT")

    @unittest.skipIf(NO_SHARING, NO_SHARING)
    def test_a_name_that_is_too_long(self):
        self.failing(self.path("x" * 300), "ENAMETOOLONG")


if __name__ == "__main__":
    unittest.main()
