#!/usr/bin/env python3
"""Channels of tasklet-lua."""

import unittest

from daemon import eventually, scaled
from lua import LuaTest


class TestChannel(LuaTest):
    def test_values_come_in_their_order(self):
        self.assertEqual(self.lua("""
            local c, got = Channel(), {}
            local function send() for i = 0, 2 do c:send(i) end end
            local function receive()
                while true do got[#got + 1] = c:receive() end
            end
            local s = Tasklet.new(send)()
            local r = Tasklet.new(receive)()
            s:join()
            Tasklet.yield()
            print(table.unpack(got))
            r:cancel()
            """), ["0\t1\t2"])

    def test_a_receive_within_a_time(self):
        self.assertEqual(self.lua("""
            local c = Channel()
            Tasklet.later(0.02, c.send)(c, 10)
            print(c:receive(5))
            local late = Tasklet.later(0.1, c.send)(c, 10)
            print(pcall(c.receive, c, 0.02))
            print(c.balance)
            late:cancel()
            """), ["10", "false\tTimeoutError: the time ran out: nobody sent "
                   "a value", "0"])

    def test_a_send_within_a_time(self):
        self.assertEqual(self.lua("""
            local c = Channel()
            Tasklet.later(0.02, c.receive)(c)
            print(c:send(10, 5))
            local late = Tasklet.later(0.1, c.receive)(c)
            print(pcall(c.send, c, 10, 0.02))
            print(c.balance)
            late:cancel()
            """), ["", "false\tTimeoutError: the time ran out: nobody "
                   "received the value", "0"])

    def test_the_balance(self):
        self.assertEqual(self.lua("""
            local c, all = Channel(), {}
            local function send(v) c:send(v) end
            local function receive() return c:receive() end
            local function start(f, ...)
                all[#all + 1] = Tasklet.new(f)(...)
                Tasklet.yield()
                io.write(c.balance, " ")
            end
            io.write(c.balance, " ")
            start(send, 1) start(send, 2) start(receive) start(receive)
            start(receive) start(receive) start(send, 3)
            all[6]:cancel()
            print(c.balance, c.nothing, getmetatable(c))
            """), ["0 1 2 1 0 -1 -2 -1 0\tnil\tChannel"])

    def test_a_loop_at_a_channel_goes_on_after_an_error(self):
        script = self.start_code("""
            local got, c = {}, Channel()
            local function take()
                local value = c:receive()
                if value == nil then error("nothing", 0) end
                got[#got + 1] = value
            end
            local t = Tasklet.loop(take)()
            for i = 1, 5 do c:send(i) end
            Tasklet.yield()
            print(#got, c.balance)
            c:send(nil)
            for i = 6, 10 do c:send(i) end
            Tasklet.yield()
            print(#got, got[10], c.balance)
            t:cancel()
            print(c.balance)
            """)
        status, out, err = script.wait()
        self.assertEqual((status, out), (0, "5\t-1\n10\t10\t-1\n0\n"))
        self.assertRegex(err, "^tasklet-lua: take: nothing\n")

    def test_those_who_wait_are_served_in_turn(self):
        self.assertEqual(self.lua("""
            local c, got = Channel(), {}
            local function receive(i)
                for _ = 1, 3 do
                    local value = c:receive()
                    got[#got + 1] = i .. value
                end
            end
            for i = 1, 3 do Tasklet.new(receive)(i) end
            Tasklet.yield()
            for i = 1, 9 do c:send(i) Tasklet.yield() end
            Tasklet.yield()
            print(table.concat(got, " "))
            got = {}
            local function send(i)
                for n = 1, 3 do c:send(i .. n) end
            end
            for i = 1, 3 do Tasklet.new(send)(i) end
            Tasklet.yield()
            for i = 1, 9 do got[i] = c:receive() Tasklet.yield() end
            print(table.concat(got, " "))
            """), ["11 22 33 14 25 36 17 28 39",
                   "11 21 31 12 22 32 13 23 33"])

    def test_in_coroutines_and_where_no_wait_can_be(self):
        self.assertEqual(self.lua("""
            local c = Channel()
            local function receive()
                return coroutine.wrap(function()
                    return coroutine.wrap(function() return c:receive() end)()
                end)()
            end
            local r = Tasklet.new(receive)()
            Tasklet.yield()
            string.gsub("x", ".", function(v) c:send(v) end)
            print(r:join())
            print((select(2, pcall(string.gsub, "x", ".", function()
                c:send(1) end)):match("cannot wait here")))
            local s = Tasklet.new(coroutine.wrap(function() c:send("y") end))()
            Tasklet.yield()
            print(c.balance, c:receive(), c.balance)
            """), ["x", "cannot wait here", "1\ty\t0"])


class TestLeft(LuaTest):
    """Nothing is left of a wait that ended otherwise, and no value is lost."""

    def test_a_cancel_or_a_timeout_at_each_point(self):
        rounds = scaled(100)
        self.assertEqual(self.lua("""
            local rounds = tonumber(arg[1])
            local c = Channel()
            local function send(seconds) c:send({("x"):rep(1000)}, seconds) end
            local function receive(seconds) c:receive(seconds) end
            local function nested(seconds)
                coroutine.wrap(function() send(seconds) end)()
            end
            local function try(count)
                for _, f in ipairs {send, receive, nested} do
                    for i = 1, count do
                        local t = Tasklet.new(f)(i % 2 == 0 and 0.0001 or nil)
                        if i % 4 < 2 then Tasklet.yield() end
                        if i % 2 == 1 then t:cancel() end
                        assert(not pcall(Tasklet.join, t))
                    end
                end
                assert(c.balance == 0)
                collectgarbage() collectgarbage()
                return collectgarbage("count")
            end
            try(rounds)
            local before = try(rounds)
            local after = try(rounds)
            print(after - before < 20 or after - before)
            """, str(rounds)), ["true"])

    # Receivers are held, handed a value each, and cancelled before they run.
    HANDED = """
        local c, waits = Channel(), {}
        local function held() print(pcall(c.receive, c)) end
        local function receive() print("next", c:receive()) end
        Tasklet.new(held, {name = "held 1"})()
        Tasklet.new(held, {name = "held 2"})()
        %s
        Tasklet.receive()
        c:send("first")
        c:send("second")
        print(c.balance) io.stdout:flush()
        Tasklet.receive()
        print(c.balance)
        %s
        """

    def hand_and_cancel(self, before, after):
        script = self.start_code(self.HANDED % (before, after))
        top = self.task("*.lua")["id"]
        held = [self.task("held %d" % i)["id"] for i in (1, 2)]
        for task in held:
            self.client.call("pause", task=task)
            eventually(lambda: self.described(task).get("state") == "paused")
        self.client.call("send", task=top, body="hand")
        script.await_line("-1" if before else "0")
        for task in held:
            self.client.call("cancel", task=task)
        self.client.call("send", task=top, body="go on")
        status, out, err = script.wait()
        self.assertEqual((status, err), (0, ""))
        lines = out.splitlines()
        self.assertEqual(lines.count("false\tCancelled: cancelled"), 2)
        return [line for line in lines if "Cancelled" not in line]

    def test_what_one_was_handed_goes_to_the_next(self):
        self.assertEqual(self.hand_and_cancel(
            "Tasklet.new(receive)()",
            'print(c:receive(), c.balance)'),
            ["-1", "next\tfirst", "1", "second\t0"])

    def test_or_is_kept_for_it(self):
        self.assertEqual(self.hand_and_cancel("", """
            local function send() c:send("third") end
            Tasklet.new(send)()
            Tasklet.yield()
            print(c.balance, c:receive(), c:receive(), c:receive())
            print(c.balance, pcall(c.receive, c, 0.01))
            """), ["0", "2", "3\tfirst\tsecond\tthird",
                   "0\tfalse\tTimeoutError: the time ran out: nobody sent a "
                   "value"])


if __name__ == "__main__":
    unittest.main()
