#!/usr/bin/env python3
"""Messages between tasklets of one program of tasklet-lua."""

import unittest

from daemon import eventually, scaled
from lua import LuaTest

# A server of sums, of the largest, and of sleeps.
SERVER = """
local function serve(body)
    local what, values = body[1], {table.unpack(body, 2)}
    if what == "sum" then
        local sum = 0
        for _, value in ipairs(values) do sum = sum + value end
        return sum
    elseif what == "max" then
        return math.max(table.unpack(values))
    elseif what == "sleep" then
        Tasklet.sleep(values[1])
        return true
    end
    error("no '" .. what .. "' here", 0)
end
"""


class TestMessages(LuaTest):
    def test_six_pings_and_pongs_and_then_none(self):
        self.assertEqual(self.lua("""
            local function pong()
                while true do
                    local m = Tasklet.receive()
                    assert(m.body == 10)
                    m.from:send(20)
                end
            end
            local child, count = Tasklet.new(pong)(), 0
            while count < 6 do
                child:send(10)
                local m = Tasklet.receive()
                assert(m.body == 20 and m.from == child)
                count = count + 1
            end
            local ok, e = pcall(Tasklet.receive, 0.05)
            print(count, ok, e.type, e.message)
            child:cancel()
            """), ["6\tfalse\tTimeoutError\tthe time ran out: no message came"])

    def test_calls(self):
        self.assertEqual(self.lua(SERVER + """
            local function child()
                while true do
                    local m = Tasklet.receive()
                    m:reply(serve(m.body))
                end
            end
            local t = Tasklet.new(child)()
            print(t:call({"sum", 10, 20, 30}), t:call({"max", 10, 20, 30}),
                t:call({"sleep", 0.05}))
            print(pcall(t.call, t, {"sleep", 0.1}, 0.03))
            print(t:call({"sum", 1}))
            t:cancel()
            """), ["60\t30\ttrue", "false\tTimeoutError: the time ran out: "
                   "task 'child' has not replied", "1"])

    def test_a_receiver_returns_replies_and_its_errors_are_the_callers(self):
        self.assertEqual(self.lua(SERVER + """
            local t = Tasklet.receiver(serve, {name = "server"})()
            print(t.name, t:call({"sum", 1, 2}))
            local ok, e = pcall(t.call, t, {"least"})
            print(ok, e, e.type, #e.traceback > 20, e.value)
            print(t:call({"max", 3}), t.state)
            t:cancel()
            local raises = Tasklet.receiver(function(body) error(body) end)()
            local value = {}
            ok, e = pcall(raises.call, raises, value)
            print(e.value == value)
            raises:cancel()
            """), ["server\t3", "false\tFunctionError: no 'least' here\t"
                   "FunctionError\ttrue\tnil", "3\twaiting", "true"])

    def test_a_receiver_may_reply_itself_and_tells_of_errors_of_sends(self):
        script = self.start_code("""
            local function serve(body, m)
                if body == "late" then
                    m:reply("early")
                    error("too late")
                elseif body == "send" then
                    error("nobody to tell", 0)
                end
            end
            local t = Tasklet.receiver(serve)()
            print(t:call("late"), t:call(nil))
            t:send("send")
            print(t:call(1))
            t:cancel()
            """)
        status, out, err = script.wait()
        self.assertEqual((status, out), (0, "early\tnil\nnil\n"))
        self.assertRegex(err, "tasklet-lua: serve: .*: too late\n(.*\n)*"
                         "tasklet-lua: serve: nobody to tell\n")

    def test_values_pass_as_they_are(self):
        self.assertEqual(self.lua("""
            local t = Tasklet.receiver(function(f) return f() end)()
            local made = {}
            print(t:call(function() return made end) == made)
            local b
            local a = Tasklet.new(function()
                local m = Tasklet.receive()
                print(m.body, m.from == b, m.nothing)
                m = Tasklet.receive()
                print(m.body)
            end)()
            b = Tasklet.new(function() a:send(nil) a:send(false) end)()
            Tasklet.join_all({a, b})
            t:cancel()
            """), ["true", "nil\ttrue\tnil", "false"])

    def test_a_reply_is_once_and_to_a_call(self):
        self.assertEqual(self.lua("""
            local me, first = Tasklet.current(), nil
            local t = Tasklet.new(function() return me:call("x") end)()
            local m = Tasklet.receive()
            m:reply(1)
            print(t:join(), pcall(m.reply, m, 2))
            me:send("own")
            m = Tasklet.receive()
            print(m.body, pcall(m.reply, m, 3))
            print(pcall(me.call, me, 1))
            """), ["1\tfalse\tnobody waits for a reply to this message",
                   "own\tfalse\tnobody waits for a reply to this message",
                   "false\tDeadlock: a call to oneself could never be "
                   "replied to"])

    def test_a_reply_to_one_that_waits_no_more_goes_nowhere(self):
        self.assertEqual(self.lua("""
            local me, kept = Tasklet.current(), nil
            local function ask()
                pcall(me.call, me, "slow", 0.01)
                local ok, e = pcall(me.call, me, "gone", 30)
                return ok and e or e.type
            end
            local t = Tasklet.new(ask)()
            local slow = Tasklet.receive()
            local gone = Tasklet.receive()
            slow:reply("to the wrong call")
            Tasklet.yield()
            gone:reply("to the right call")
            print(t:join())
            """), ["to the right call"])

    def test_of_one_sender_they_keep_their_order(self):
        count = scaled(3000)
        self.assertEqual(self.lua("""
            local count, last = tonumber(arg[1]), {0, 0}
            local me = Tasklet.current()
            local function send(who)
                for i = 1, count do
                    me:send({who, i})
                    if i % 100 == 0 then Tasklet.yield() end
                end
            end
            Tasklet.new(send)(1)
            Tasklet.new(send)(2)
            for _ = 1, 2 * count do
                local who, i = table.unpack(Tasklet.receive().body)
                assert(i == last[who] + 1)
                last[who] = i
            end
            print(last[1], last[2])
            """, str(count)), ["%d\t%d" % (count, count)])

    def test_a_mailbox_is_bounded_and_gets_going_again(self):
        self.assertEqual(self.lua("""
            local me = Tasklet.current()
            for round = 1, 3 do
                for i = 1, 1000 do me:send(i) end
                local ok, e = pcall(me.send, me, 0)
                print(ok, e.type, e.limit, e.task == me)
                for i = 1, 999 + round % 2 do
                    assert(Tasklet.receive().body == i)
                end
                if round % 2 == 0 then Tasklet.receive() end
            end
            print(pcall(Tasklet.receive, 0))
            """), ["false\tLimitExceeded\tmessages\ttrue"] * 3 + [
                "false\tTimeoutError: the time ran out: no message came"])

    def test_one_that_has_ended_takes_none(self):
        self.assertEqual(self.lua("""
            local function done() end
            local t = Tasklet.new(done)()
            t:join()
            for _, f in ipairs {t.send, t.call} do
                local ok, e = pcall(f, t, 1)
                print(ok, e, e.task == t)
            end
            print(pcall(t.send, 5, 1))
            """), ["false\tNoSuchTask: task 'done' has ended: it takes no "
                   "messages\ttrue"] * 2 + [
                       "false\ta task is expected, not a number"])

    def test_one_that_ends_answers_its_callers(self):
        self.assertEqual(self.lua("""
            local function end_soon()
                local m = Tasklet.receive()
                Tasklet.sleep(0.02)
            end
            local t = Tasklet.new(end_soon)()
            local function ask() t:call("x") end
            local askers = {Tasklet.new(ask)(), Tasklet.new(ask)()}
            for i, e in ipairs(Tasklet.join_all(askers)) do
                print(e.cause.value.type, e.cause.message,
                    e.cause.value.task == t)
            end
            local ok, e = pcall(function()
                local t = Tasklet.new(Tasklet.sleep)(1e6)
                Tasklet.later(0.02, t.cancel)(t)
                t:call(1)
            end)
            print(e)
            """), ["FunctionError\ttask 'end_soon' ended before there was a "
                   "reply\ttrue"] * 2 + [
                       "FunctionError: task 'Tasklet.sleep' ended before "
                       "there was a reply"])

    def test_where_no_wait_can_be_a_message_can_be_sent(self):
        self.assertEqual(self.lua("""
            local me = Tasklet.current()
            string.gsub("ab", ".", function(c) me:send(c) end)
            print(Tasklet.receive().body, Tasklet.receive().body)
            local ok, e = pcall(string.gsub, "a", ".", function()
                Tasklet.receive() end)
            print(e:match("cannot wait here"))
            """), ["a\tb", "cannot wait here"])


class TestLeft(LuaTest):
    """Nothing is left of a wait that ended otherwise."""

    def test_a_cancel_or_a_timeout_at_each_point_leaves_nothing(self):
        rounds = scaled(100)
        self.assertEqual(self.lua("""
            local rounds = tonumber(arg[1])
            local me = Tasklet.current()
            local function receive(seconds) Tasklet.receive(seconds) end
            local function call(seconds) me:call({("x"):rep(1000)}, seconds) end
            local function nested(seconds)
                coroutine.wrap(function() call(seconds) end)()
            end
            local function empty()
                while pcall(Tasklet.receive, 0) do end
            end
            local function try(count)
                for _, f in ipairs {receive, call, nested} do
                    for i = 1, count do
                        local t = Tasklet.new(f)(i % 2 == 0 and 0.0001 or nil)
                        if i % 4 < 2 then Tasklet.yield() end
                        if i % 2 == 1 then t:cancel() end
                        assert(not pcall(Tasklet.join, t))
                        if i % 100 == 0 then empty() end
                    end
                end
                empty()
                collectgarbage() collectgarbage()
                return collectgarbage("count")
            end
            try(rounds)
            local before = try(rounds)
            local after = try(rounds)
            print(after - before < 20 or after - before)
            """, str(rounds)), ["true"])

    def test_one_that_is_cancelled_with_a_message_leaves_it(self):
        script = self.start_code("""
            local function work()
                local ok, e = pcall(Tasklet.receive)
                print(ok, e.type)
                print(Tasklet.receive().body)
            end
            local t = Tasklet.new(work)()
            Tasklet.receive()
            t:send("kept")
            t:send("dropped")
            """)
        work, top = self.task("work")["id"], self.task("*.lua")["id"]
        # Held, it does not run before the cancel is there.
        self.client.call("pause", task=work)
        self.client.call("send", task=top, body="go")
        eventually(lambda: self.described(work).get("state") == "paused")
        self.client.call("cancel", task=work)
        self.assertEqual(script.wait(),
                         (0, "false\tCancelled\nkept\n", ""))


class TestDescribed(LuaTest):
    def test_what_each_waits_for(self):
        script = self.start_code("""
            local function receive() Tasklet.receive() end
            local r = Tasklet.new(receive)()
            local function call() r:call(1) end
            r:send(1)
            local function sleeper() Tasklet.sleep(1e6) end
            local s = Tasklet.new(sleeper)()
            local function ask() s:call(1) end
            Tasklet.new(ask)()
            local function idle() Tasklet.receive() end
            Tasklet.new(idle)()
            local c = Channel()
            local function take() c:receive() end
            Tasklet.new(take)()
            local d = Channel()
            local function give() d:send(1) end
            Tasklet.new(give)()
            """)
        sleeper = self.task("sleeper")["id"]
        for name, wait in (
                ("ask", "the reply of task %d sleeper" % sleeper),
                ("idle", "a message"), ("take", "a sender at a channel"),
                ("give", "a receiver at a channel")):
            task = self.task(name)["id"]
            told = eventually(lambda: self.waits(task, wait))
            self.assertEqual(told["state"], "waiting")
        self.client.call("cancel", task=self.task("*.lua")["id"])
        self.assertEqual(script.wait()[0], 1)

    def waits(self, task, wait):
        told = self.described(task)
        return told if told.get("wait") == wait else None


if __name__ == "__main__":
    unittest.main()
