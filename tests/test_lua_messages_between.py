#!/usr/bin/env python3
"""Messages to and from tasklets of tasklet-lua over the socket."""

import signal
import subprocess
import unittest

from daemon import PATIENCE, eventually, scaled
from lua import TASKLET_CTL, LuaTest

SERVER = """
local function serve(body, m)
    if body == "who" then
        return {m.from.id, m.from.name}
    elseif body == "fail" then
        error({code = 5})
    elseif body == "what" then
        return print
    elseif body == "never" then
        Tasklet.sleep(1e6)
    end
    return body
end
Tasklet.receiver(serve, {name = "server"})()
"""

GET = """
local server
repeat
    Tasklet.sleep(0.01)
    local ok, found = pcall(Tasklet.get, "server")
    server = ok and found
until server
"""


class BetweenTest(LuaTest):
    def start_server(self):
        script = self.start_code(SERVER)
        self.server = self.task("server")["id"]
        return script

    def ctl(self, *arguments):
        """The status of tasklet-ctl, and what it writes."""
        done = subprocess.run(
            [TASKLET_CTL, "--socket", self.daemon.path, *arguments], text=True,
            capture_output=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout, done.stderr


class TestPrograms(BetweenTest):
    def test_calls_with_their_results_and_errors(self):
        server = self.start_server()
        self.assertEqual(self.lua(GET + """
            local me = Tasklet.current()
            local who = server:call("who")
            print(who[1] == me.id, who[2] == me.name)
            for _, value in ipairs {1, 1.0, "x", json.null, false} do
                print(server:call(value))
            end
            print(json.encode(server:call({{}, json.object {}, json.null})))
            print(server:call(nil))
            local ok, e = pcall(server.call, server, "fail")
            print(e.type, e.value.code, #e.traceback > 20, e.task == server)
            ok, e = pcall(server.call, server, "what")
            print(e.type, e.message:match("function"))
            ok, e = pcall(server.call, server, print)
            print(ok)
            ok, e = pcall(server.call, server, "never", 0.05)
            print(e.type, e.task == server)
            """), ["true\ttrue", "1", "1.0", "x", "nil", "false", "[[],{},null]",
                   "nil", "FunctionError\t5\ttrue\ttrue",
                   "FunctionError\tfunction", "false", "TimeoutError\ttrue"])
        self.client.call("cancel", task=self.server)
        self.assertEqual(server.wait()[0], 0)

    def test_of_one_sender_they_keep_their_order(self):
        count = scaled(2000)
        receiver = self.start_code("""
            local last = {}
            local function server()
                for i = 1, 2 * tonumber(arg[1]) do
                    local m = Tasklet.receive()
                    local who, n = m.from.id, m.body
                    assert(n == (last[who] or 0) + 1)
                    last[who] = n
                    if n % 400 == 0 then m:reply(n) end
                end
            end
            Tasklet.new(server)():join()
            for _, n in pairs(last) do print(n) end
            """, str(count))
        self.task("server")
        # No more are under way than a mailbox holds.
        self.assertEqual(self.lua(GET + """
            local function send()
                for i = 1, tonumber(arg[1]) do
                    if i % 400 == 0 then server:call(i) else server:send(i) end
                end
            end
            Tasklet.new(send)()
            Tasklet.new(send)()
            """, str(count)), [])
        self.assertEqual(receiver.wait(), (0, "%d\n" % count * 2, ""))

    def test_one_that_dies_answers_those_who_wait(self):
        server = self.start_server()
        caller = self.start_code(GET + """
            local function call() server:call("never") end
            local a, b = Tasklet.new(call)(), Tasklet.new(call)()
            print("calls", a.id > 0) io.stdout:flush()
            for _, e in ipairs(Tasklet.join_all({a, b})) do
                print(e.cause.value.type, e.cause.message:match("ended"))
            end
            """)
        caller.await_line("calls\ttrue")
        eventually(lambda: self.described(self.server).get("state") ==
                   "sleeping")
        server.process.kill()
        self.assertEqual(caller.wait(), (
            0, "calls\ttrue\n" + "FunctionError\tended\n" * 2, ""))

    def test_a_caller_that_dies_harms_nobody(self):
        server = self.start_server()
        caller = self.start_code(GET + """
            print("calls") io.stdout:flush()
            server:call("never")
            """)
        caller.await_line("calls")
        eventually(lambda: self.described(self.server).get("state") ==
                   "sleeping")
        caller.process.kill()
        self.client.call("cancel", task=self.server)
        self.assertEqual(server.wait()[0], 0)


class TestClients(BetweenTest):
    def test_more_at_once_than_a_mailbox_holds_are_not_lost(self):
        count = scaled(5000)
        script = self.start_code("""
            for i = 1, tonumber(arg[1]) do
                assert(Tasklet.receive().body == i)
            end
            """, str(count))
        task = self.task("*.lua")["id"]
        eventually(lambda: self.described(task).get("wait") == "a message")
        # It is held while they come: what it can take is then there at once.
        script.signal(signal.SIGSTOP)
        sent = [self.client.start("send", task=task, body=i + 1)
                for i in range(count)]
        script.signal(signal.SIGCONT)
        for one in sent:
            self.client.finish(one)
        self.assertEqual(script.wait(), (0, "", ""))

    def test_tasklet_ctl_sends_and_requests(self):
        server = self.start_server()
        self.assertEqual(self.ctl("request", "server", '{"a": [1, 2.0]}'),
                         (0, '{"a":[1,2.0]}\n', ""))
        status, _, err = self.ctl("request", "server", 'fail')
        self.assertEqual(status, 1)
        self.assertIn('{"code":5}', err)
        self.assertEqual(self.ctl("request", "--timeout", "50ms", "server",
                                  'never')[0], 124)
        self.client.call("cancel", task=self.server)
        self.assertEqual(server.wait()[0], 0)
        self.assertEqual(self.ctl("send", "server", "1")[0], 3)

    def test_a_reply_to_a_client_that_is_a_task_here(self):
        script = self.start_code("""
            local m = Tasklet.receive()
            local back = m.from
            print(m.body, back.id > 0, pcall(m.reply, m, 1))
            back:send({"for", "you"})
            """)
        top = self.task("*.lua")["id"]
        self.client.call("send", task=top, body="mine")
        received = self.client.call("receive")
        self.assertEqual((received["body"], received["from"]),
                         (["for", "you"], top))
        self.assertEqual(script.wait(), (
            0, "mine\ttrue\tfalse\tnobody waits for a reply to this message\n",
            ""))

    def test_a_full_mailbox_refuses_calls_and_drops_what_is_sent(self):
        script = self.start_code("""
            local me = Tasklet.current()
            local function fill()
                for i = 1, 1000 do me:send(i) end
            end
            Tasklet.new(fill)()
            Tasklet.sleep(0.01)
            print("full", me.id > 0) io.stdout:flush()
            local function gate() Tasklet.receive() end
            Tasklet.new(gate)():join()
            for i = 1, 1000 do assert(Tasklet.receive().body == i) end
            print("empty") io.stdout:flush()
            print(Tasklet.receive().body)
            """)
        script.await_line("full\ttrue")
        top = self.task("*.lua")["id"]
        self.client.call("send", task=top, body="dropped")
        error = self.assert_error("FunctionError", self.client.call, "call",
                                  task=top, body=1)
        self.assertEqual(error.data["value"]["type"], "LimitExceeded")
        self.assertEqual(error.data["value"]["limit"], "messages")
        self.client.call("send", task=self.task("gate")["id"], body=1)
        script.await_line("empty")
        self.client.call("send", task=top, body="taken")
        status, out, err = script.wait()
        self.assertEqual((status, out), (0, "full\ttrue\nempty\ntaken\n"))
        self.assertRegex(err, r"^tasklet-lua: a message of task \d+ is "
                         r"dropped: task '.*' has 1000 messages that it has "
                         r"not read\n$")

    def test_what_a_run_did_not_read_is_answered_at_its_end(self):
        script = self.start_code("""
            local function work()
                local ok, e = pcall(Tasklet.sleep, 1e6)
                print(e.type)
            end
            Tasklet.new(work, {scope = "wait"})()
            """)
        work = self.task("work")["id"]
        calls = [self.client.start("call", task=work, body=i)
                 for i in range(3)]
        self.client.call("cancel", task=work)
        for call in calls:
            error = self.assert_error("FunctionError", self.client.finish,
                                      call)
            self.assertIn("ended before", str(error))
        self.assertEqual(script.wait(), (0, "Cancelled\n", ""))


if __name__ == "__main__":
    unittest.main()
