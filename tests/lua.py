"""tasklet-lua, run against the daemon of a test.

TASKLET_LUA_WRAPPER is a command line put before its own, as TASKLETD_WRAPPER
is before the daemon's.
"""

import os
import subprocess
import tempfile

from daemon import PATIENCE, REPORT, DaemonTest, eventually

TASKLET_LUA = os.path.join(os.environ.get("top_builddir", "."),
                           "client/lua/tasklet-lua")
TASKLET_CTL = os.path.join(os.environ.get("top_builddir", "."),
                           "client/tasklet-ctl")
WRAPPER = os.environ.get("TASKLET_LUA_WRAPPER", "").split()

# Where Lua cannot be suspended: nothing that comes is heard there.
SPIN = "; ('x'):gsub('x', function() while true do end end)"


class Script:
    """A running tasklet-lua."""

    def __init__(self, *arguments, socket=None, environment=None,
                 program=TASKLET_LUA):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("TASKLET_")}
        if socket is not None:
            clean["TASKLET_SOCKET"] = socket
        # Files and not pipes: what it writes never makes it wait.
        self.out = tempfile.TemporaryFile()
        self.err = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*WRAPPER, program, *arguments], stdin=subprocess.DEVNULL,
            stdout=self.out, stderr=self.err,
            env={**clean, "LC_ALL": "C.UTF-8", **(environment or {})})

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.out.close()
        self.err.close()

    @staticmethod
    def text(file):
        # Not read(): the place in the file is the program's, too.
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size,
                        0).decode(errors="replace")

    def await_line(self, line):
        """Waits until it has printed that line."""
        eventually(lambda: self.has_printed(line))

    def has_printed(self, line):
        assert self.process.poll() is None or line in self.lines(), \
            self.text(self.err)
        return line in self.lines()

    def lines(self):
        return self.text(self.out).splitlines()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Its status, and what it wrote to stdout and stderr."""
        status = self.process.wait(PATIENCE)
        err = self.text(self.err)
        assert not REPORT.search(err.encode()), err
        return status, self.text(self.out), err


class LuaTest(DaemonTest):
    def start(self, *arguments, **options):
        script = Script(*arguments,
                        **{"socket": self.daemon.path, **options})
        self.addCleanup(script.close)
        return script

    def start_code(self, code, *arguments):
        """A program of that code. Its first line is line 1."""
        file = tempfile.NamedTemporaryFile("w", suffix=".lua")
        self.addCleanup(file.close)
        file.write(code.lstrip("\n"))
        file.flush()
        return self.start(file.name, *arguments)

    def lua(self, code, *arguments):
        """The lines that it prints; it ends well, and complains of
        nothing."""
        status, out, err = self.start_code(code, *arguments).wait()
        self.assertEqual((status, err), (0, ""), out)
        return out.splitlines()

    def lua_fails(self, code, *arguments):
        """What it writes to stderr."""
        status, out, err = self.start_code(code, *arguments).wait()
        self.assertEqual(status, 1, out + err)
        return err

    def described(self, task):
        """What its program says of it; nothing where it took over a second
        to answer."""
        return self.client.call("show", task=task).get("describe") or {}

    def held(self, script, name):
        """Pauses a task of that name: whether that was in time. If not, the
        program has ended."""
        def has_ended():
            return script.process.poll() is not None
        rows = eventually(lambda: has_ended() or list(
            self.client.rows("list", name=name, finished=False)))
        if rows is True:
            return False
        task = rows[0]["id"]
        self.client.call("pause", task=task)
        eventually(lambda: has_ended() or
                   self.described(task).get("state") == "paused")
        return not has_ended()

    def task(self, name):
        """The row of the one live task of that name, once there is one."""
        return eventually(lambda: next(
            self.client.rows("list", name=name, finished=False), None))
