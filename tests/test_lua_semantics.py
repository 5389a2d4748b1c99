#!/usr/bin/env python3
"""The rules of the tasklet page, in tasklet-lua."""

import time
import unittest

from daemon import scaled
from lua import LuaTest


class TestNew(LuaTest):
    def test_new_does_not_run_the_tasklet(self):
        self.assertEqual(self.lua("""
            local function greeting(msg) print(msg) end
            Tasklet.new(greeting)("Hello")
            Tasklet.new(greeting)("World")
            print("start done.")
            """), ["start done.", "Hello", "World"])

    def test_the_name_is_the_functions_own(self):
        self.assertEqual(self.lua("""
            local function greeting() end
            function hello() end
            local up = function() end
            local function inner() return Tasklet.new(up)().name end
            print(Tasklet.new(greeting)().name, Tasklet.new(hello)().name,
                inner(), Tasklet.new(greeting, {name = "g"})().name)
            """), ["greeting\thello\tup\tg"])

    def test_a_function_without_a_name_is_called_after_its_place(self):
        name, = self.lua("print(Tasklet.new(function() end)().name)")
        self.assertRegex(name, r"\.lua:1$")

    def test_a_name_that_no_task_may_have_is_refused(self):
        for name in ('""', '"7"', '"a\\nb"', '("x"):rep(256)', "{}"):
            out, = self.lua("print(pcall(Tasklet.new, print, {name = %s}))" %
                            name)
            self.assertRegex(out, "^false\t.*name must be")

    def test_arguments_are_passed_and_the_first_value_is_the_result(self):
        self.assertEqual(self.lua("""
            local t = Tasklet.new(function(...)
                return select("#", ...), ...
            end)(1, nil, "x", nil)
            print(Tasklet.join(t))
            """), ["4"])

    def test_functions_of_the_daemon_go_by_name(self):
        self.assertEqual(self.lua("""
            local t = Tasklet.new("sum", {name = "adds"})(1, 2, 3)
            print(t.name, t:join(), Tasklet.new("sleep")(0):join(), t.state)
            print(pcall(Tasklet.join, Tasklet.new("no such")()))
            """), ["adds\t6\tnil\tdone",
                   'false\tNoSuchFunction: there is no function "no such"'])


class TestSleep(LuaTest):
    def test_two_that_sleep_alternate(self):
        self.assertEqual(self.lua("""
            local function greeting(msg)
                for i = 1, 3 do print(msg) Tasklet.sleep(0.02) end
            end
            Tasklet.new(greeting)("Hello")
            Tasklet.new(greeting)("World")
            """), ["Hello", "World"] * 3)

    def test_takes_its_time_and_no_more(self):
        before = time.monotonic()
        self.lua("Tasklet.sleep(0.3)")
        self.assertGreaterEqual(time.monotonic() - before, 0.3)

    def test_nothing_of_it_yields(self):
        self.assertEqual(self.lua("""
            Tasklet.new(print)("other")
            Tasklet.sleep(0)
            print("main")
            """), ["other", "main"])

    def test_a_time_that_is_none_is_refused(self):
        for seconds in ("-1", "0/0", "1e10", '"soon"', "nil"):
            out, = self.lua("print(pcall(Tasklet.sleep, %s))" % seconds)
            self.assertTrue(out.startswith("false\t"), out)


class TestYield(LuaTest):
    def test_two_that_yield_alternate_strictly(self):
        self.assertEqual(self.lua("""
            local function count(name)
                for i = 1, 5 do print(name .. i) Tasklet.yield() end
            end
            Tasklet.new(count)("a")
            Tasklet.new(count)("b")
            """), [name + str(i) for i in range(1, 6) for name in "ab"])

    def test_very_many_alternate(self):
        count = scaled(100000)
        self.assertEqual(self.lua("""
            local count, turn = tonumber(arg[1]), 0
            local function take(i)
                for round = 0, 2 do
                    assert(turn == round * count + i - 1)
                    turn = turn + 1
                    Tasklet.yield()
                end
            end
            for i = 1, count do Tasklet.new(take)(i) end
            Tasklet.join_children()
            print(turn == 3 * count)
            """, str(count)), ["true"])


class TestJoin(LuaTest):
    def test_two_joins_return_their_own_results(self):
        self.assertEqual(self.lua("""
            local function sum(a, b) return a + b end
            local t1 = Tasklet.new(sum)(10, 20)
            local t2 = Tasklet.new(sum)(30, 40)
            print(Tasklet.join(t1), Tasklet.join(t2))
            """), ["30\t70"])

    def test_after_it_ended_it_returns_at_once(self):
        self.assertEqual(self.lua("""
            local t = Tasklet.new(function() return {7} end)()
            Tasklet.sleep(0.01)
            print(t.state, t:join()[1], t:join(0)[1])
            """), ["done\t7\t7"])

    def test_any_number_may_join(self):
        self.assertEqual(self.lua("""
            local t = Tasklet.new(function() Tasklet.sleep(0.02) return 7 end)()
            local all = {}
            for i = 1, 10 do all[i] = Tasklet.new(Tasklet.join)(t) end
            print(table.concat(Tasklet.join_all(all), " "))
            """), [" ".join(["7"] * 10)])

    def test_what_raised_fails_its_joiners(self):
        self.assertEqual(self.lua("""
            local function fail() error("boom", 0) end
            local t = Tasklet.new(fail)()
            local ok, e = pcall(Tasklet.join, t)
            print(ok, e, e.type, e.task == t, e.state, e.cause.type,
                e.cause.message, e.cause.value)
            """), ["false\tJoinError: task 'fail' failed: boom\tJoinError\ttrue"
                   "\tfailed\tFunctionError\tboom\tnil"])

    def test_one_that_is_cancelled_a_moment_later(self):
        self.assertEqual(self.lua("""
            local function sleeper() Tasklet.sleep(1e6) end
            local t = Tasklet.new(sleeper)()
            Tasklet.later(0.05, function() t:cancel() end)()
            local ok, e = pcall(Tasklet.join, t)
            print(ok, e.type, e.task == t, e.state, e.cause.type, t.state)
            """), ["false\tJoinError\ttrue\tcancelled\tCancelled\tcancelled"])

    def test_a_timeout_leaves_the_task_alone(self):
        self.assertEqual(self.lua("""
            local function work() Tasklet.receive() return 1 end
            local t = Tasklet.new(work)()
            local ok, e = pcall(Tasklet.join, t, 0.01)
            print(ok, e, e.task == t, t.state)
            t:send("now")
            print(t:join(10))
            """), ["false\tTimeoutError: the time ran out: task 'work' has "
                   "not ended\ttrue\twaiting", "1"])

    def test_all_of_them_in_order_with_errors_as_values(self):
        self.assertEqual(self.lua("""
            local function give(x) return x end
            local function fail() error("no") end
            local r = Tasklet.join_all({Tasklet.new(fail)(),
                Tasklet.new(give)(1), Tasklet.new(give)(2),
                Tasklet.new(fail)()})
            print(#r, r[1].type, r[2], r[3], r[4].type)
            """), ["4\tJoinError\t1\t2\tJoinError"])

    def test_all_of_them_within_a_time(self):
        self.assertEqual(self.lua("""
            local function sleeper() Tasklet.sleep(1e6) end
            local quick, slow = Tasklet.new("sum")(1), Tasklet.new(sleeper)()
            quick:join()
            print(pcall(Tasklet.join_all, {quick, slow}, 0.05))
            slow:cancel()
            """), ["false\tTimeoutError: the time ran out: task 'sleeper' has "
                   "not ended"])

    def test_the_children(self):
        self.assertEqual(self.lua("""
            local function give(x) Tasklet.sleep(0.02) return x end
            for i = 1, 3 do Tasklet.new(give)(i) end
            Tasklet.new("sum")(4)
            local r = Tasklet.join_children(10)
            table.sort(r)
            print(r[1], r[2], r[3])
            Tasklet.new(Tasklet.sleep)(1)
            print(pcall(Tasklet.join_children, 0.01))
            """), ["1\t2\t3", "false\tTimeoutError: the time ran out: task "
                   "'Tasklet.sleep' has not ended"])

    def test_one_that_could_never_end_is_refused(self):
        self.assertEqual(self.lua("""
            print(pcall(Tasklet.join, Tasklet.current()))
            local b
            local function join_b() return b:join() end
            local a = Tasklet.new(join_b)()
            local function join_a() return pcall(Tasklet.join, a) end
            b = Tasklet.new(function() return select(2, join_a()).type end)()
            print(a:join())
            """), ["false\tDeadlock: the join could never end", "Deadlock"])

    def test_two_scripts_join_each_others_tasks(self):
        code = """
            local own, other = arg[1], arg[2]
            local function work() Tasklet.sleep(0.2) return own end
            Tasklet.new(work, {name = own})()
            local t
            repeat
                Tasklet.sleep(0.01)
                local ok, found = pcall(Tasklet.get, other)
                t = ok and found
            until t
            print(t.name, t:join(), Tasklet.join(t.id), Tasklet.join(other))
            """
        first = self.start_code(code, "ours", "theirs")
        second = self.start_code(code, "theirs", "ours")
        self.assertEqual(first.wait(),
                         (0, "\t".join(["theirs"] * 4) + "\n", ""))
        self.assertEqual(second.wait(),
                         (0, "\t".join(["ours"] * 4) + "\n", ""))


class TestTree(LuaTest):
    def test_current_parent_children(self):
        self.assertEqual(self.lua("""
            local me = Tasklet.current()
            local function child()
                assert(Tasklet.current():parent() == me)
                Tasklet.sleep(1e6)
            end
            local t = Tasklet.new(child)()
            local remote = Tasklet.new("sleep")(1e6)
            Tasklet.sleep(0.05)
            local list = me:children()
            print(#list, list[1] == t, list[2] == remote, list[2].name)
            t:cancel()
            remote:cancel()
            print(#me:children(), #t.id == nil)
            """.replace("#t.id == nil", "t.id > 0")),
            ["2\ttrue\ttrue\tsleep", "0\ttrue"])

    def test_the_root_has_no_parent(self):
        self.assertEqual(self.lua("""
            local names, t = {}, Tasklet.current()
            repeat
                names[#names + 1] = t.name
                t = t:parent()
            until not t
            print(#names, names[#names])
            """), ["3\ttaskletd"])

    def test_the_program_is_named_after_its_file(self):
        script = self.start_code("Tasklet.sleep(1e6)")
        row = self.task("*.lua")
        self.assertEqual(row["function"], "tasklet-lua")
        self.assertEqual(row["scope"], "wait")
        self.client.call("cancel", task=row["id"])
        self.assertEqual(script.wait()[0], 1)

    def test_three_deep_the_names_and_levels(self):
        self.assertEqual(self.lua("""
            local count = 0
            local function grow(level)
                count = count + 1
                if level < 3 then
                    for i = 1, 2 do
                        Tasklet.new(grow, {name = level .. "-" .. i})(level + 1)
                    end
                end
                Tasklet.sleep(1e6)
            end
            local top = Tasklet.new(grow, {name = "top"})(0)
            repeat Tasklet.sleep(0.01) until count == 15
            for task, level in top:tree() do
                print(("\\t"):rep(level) .. task.name)
            end
            top:cancel()
            """), ["top"] + ["\t" * (level + 1) + name
                             for name, level in self.preorder(0)])

    def preorder(self, level):
        for i in (1, 2):
            yield "%d-%d" % (level, i), level
            if level < 2:
                yield from self.preorder(level + 1)

    def test_the_children_of_a_finished_parent_are_adopted(self):
        self.assertEqual(self.lua("""
            local below
            local function sleeper() Tasklet.sleep(1e6) end
            local function middle() below = Tasklet.new(sleeper)() end
            Tasklet.join(Tasklet.new(middle)())
            print(below:parent() == Tasklet.current())
            below:cancel()
            """), ["true"])

    def test_a_large_tree_comes_page_by_page(self):
        count = scaled(5000)
        self.assertEqual(self.lua("""
            local function sleeper() Tasklet.sleep(1e6) end
            local function grow(count)
                for i = 1, count do Tasklet.new(sleeper)() end
                Tasklet.sleep(1e6)
            end
            local top = Tasklet.new(grow)(tonumber(arg[1]))
            local last = top.id
            Tasklet.sleep(0.01)
            print(#top:children())
            top:cancel()
            """, str(count)), [str(count)])

    def test_scope_wait_ends_with_the_children(self):
        self.assertEqual(self.lua("""
            local log = {}
            local function child() Tasklet.sleep(0.1) log[1] = "child" end
            local function parent() Tasklet.new(child)() return 5 end
            local t = Tasklet.new(parent, {scope = "wait"})()
            print(t:join(), log[1], t.state)
            """), ["5\tchild\tdone"])

    def test_scope_cancel_ends_the_children(self):
        self.assertEqual(self.lua("""
            local child
            local function sleeper() Tasklet.sleep(1e6) end
            local function parent()
                child = Tasklet.new(sleeper)()
                Tasklet.yield()
            end
            Tasklet.join(Tasklet.new(parent, {scope = "cancel"})())
            print(pcall(Tasklet.join, child))
            """), ["false\tJoinError: task 'sleeper' was cancelled"])

    def test_the_timeout_of_a_task(self):
        self.assertEqual(self.lua("""
            local function sleeper() Tasklet.sleep(1e6) end
            local t = Tasklet.new(sleeper, {timeout = 0.05})()
            local ok, e = pcall(Tasklet.join, t)
            print(ok, e, e.state, t.state, e.cause.type)
            """), ["false\tJoinError: task 'sleeper' timed out\ttimeout\ttimeout"
                   "\tTimeoutError"])

    def test_the_program_waits_for_all_its_tasklets(self):
        self.assertEqual(self.lua("""
            Tasklet.new(function()
                Tasklet.sleep(0.05)
                Tasklet.new(function() Tasklet.sleep(0.05) print("last") end)()
            end)()
            print("first")
            """), ["first", "last"])


class TestCancel(LuaTest):
    # A task with one below it, both of which tell how they are cancelled.
    CODE = """
        local inner
        local function wait()
            local ok, e = pcall(Tasklet.sleep, 1e6)
            print(Tasklet.current().name, e.type, e.reason)
            error(e, 0)
        end
        local function outer()
            inner = Tasklet.new(wait, {name = "inner"})()
            wait()
        end
        local t = Tasklet.new(outer)()
        Tasklet.yield()
        Tasklet.yield()
        """

    def test_is_of_the_subtree(self):
        out = self.lua(self.CODE + """
            print(t:cancel())
            print(pcall(Tasklet.join, t), t.state)
            print(pcall(Tasklet.join, inner), inner.state)
            """)
        self.assertEqual(out[:1], ["2"])
        self.assertEqual(sorted(out[1:3]), [
            "inner\tCancelled\tnil", "outer\tCancelled\tnil"])
        self.assertEqual(out[3:], ["false\tcancelled", "false\tcancelled"])

    def test_or_of_the_task_only(self):
        self.assertEqual(self.lua(self.CODE + """
            print(t:cancel({only = true, reason = "enough"}))
            pcall(Tasklet.join, t)
            print(inner.state, inner:parent() == Tasklet.current())
            inner:cancel({reason = "more"})
            """), ["1", "outer\tCancelled\tenough", "sleeping\ttrue",
                   "inner\tCancelled\tmore"])

    def test_of_one_that_has_ended_does_nothing(self):
        self.assertEqual(self.lua("""
            local t = Tasklet.new(function() return 1 end)()
            t:join()
            print(pcall(t.cancel, t))
            print(t:join(), t.state)
            """), ["true\t0", "1\tdone"])


if __name__ == "__main__":
    unittest.main()
