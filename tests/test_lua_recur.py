#!/usr/bin/env python3
"""Tasklets that run later, or again and again."""

import time
import unittest

from daemon import eventually
from lua import LuaTest


class TestRecurrence(LuaTest):
    def test_later_has_the_functions_result(self):
        self.assertEqual(self.lua("""
            local function double(x) return 2 * x end
            local t = Tasklet.later(0.05, double)(21)
            print(t.name, t.state, t:join())
            """), ["double\tready\t42"])

    def starts(self, start, count):
        """When so many runs began, in seconds after the first of them, but
        for that one, of which it is after it was started."""
        out = self.lua("""
            local function now()
                local file <close> = io.open("/proc/uptime")
                return file:read("n")
            end
            local all, enough, t = {}, %d, nil
            local function tick(seconds)
                all[#all + 1] = now()
                if #all == enough then
                    t:cancel()
                elseif #all == 2 then
                    Tasklet.sleep(seconds or 0)
                end
            end
            local before = now()
            t = %s
            pcall(Tasklet.join, t)
            print(all[1] - before)
            for i = 2, #all do print(all[i] - all[1]) end
            """ % (count, start))
        self.assertEqual(len(out), count)
        return [float(number) for number in out]

    def assert_after(self, seconds, later, earlier=0):
        """So much later at the least. The clock counts hundredths."""
        self.assertGreater(later - earlier, seconds - 0.015)

    def test_an_interval_runs_after_each_delay(self):
        first, second, third, last = self.starts(
            "Tasklet.interval(0.2, tick)(0.3)", 4)
        self.assert_after(0.2, first)
        self.assert_after(0.2, second)
        self.assert_after(0.3 + 0.2, third, second)
        self.assert_after(0.2, last, third)

    def test_an_immediate_one_runs_once_more(self):
        first, second = self.starts(
            "Tasklet.interval(2, tick, {immediate = true})()", 2)
        self.assertLess(first, 2)
        self.assert_after(2, second)

    def failing(self, start):
        """What is told on stderr."""
        status, out, err = self.start_code("""
            local count = 0
            local function tick()
                count = count + 1
                if count == 3 then Tasklet.current():cancel() end
                error("no " .. count, 0)
            end
            local t = %s
            pcall(Tasklet.join, t)
            print(count)
            """ % start).wait()
        self.assertEqual((status, out), (0, "3\n"), err)
        return err

    def test_an_interval_goes_on_after_an_exception(self):
        for options in ("", ", {immediate = true}"):
            err = self.failing("Tasklet.interval(0.01, tick%s)()" % options)
            self.assertIn("tasklet-lua: tick: no 1\nstack traceback:", err)
            self.assertIn("tick: no 2\n", err)

    def test_a_loop_goes_on_at_once_and_lets_others_run(self):
        self.assertEqual(self.lua("""
            local count = 0
            local function tick() count = count + 1 end
            local t = Tasklet.loop(tick)()
            repeat Tasklet.sleep(0.01) until count > 100
            t:cancel()
            print("others ran")
            """), ["others ran"])

    def test_a_loop_goes_on_after_an_exception_and_a_second(self):
        before = time.monotonic()
        err = self.failing("Tasklet.loop(tick)()")
        self.assertGreaterEqual(time.monotonic() - before, 3)
        self.assertIn("tick: no 2\n", err)

    def test_a_success_resets_the_backoff(self):
        eventually(self.backs_off_anew)

    def backs_off_anew(self):
        """Whether after a second, and not two: a busy machine takes long."""
        status, out, _ = self.start_code("""
            local runs, times = 0, {}
            local t
            local function now()
                local file <close> = io.open("/proc/uptime")
                return file:read("n")
            end
            local function tick()
                runs = runs + 1
                times[runs] = now()
                if runs == 4 then t:cancel() end
                if runs ~= 2 then error("no", 0) end
            end
            t = Tasklet.loop(tick)()
            pcall(Tasklet.join, t)
            -- One second after each error; two after the second, it were not
            -- for the success.
            print(runs, times[2] - times[1] > 0.98, times[4] - times[3] < 1.9)
            """).wait()
        self.assertEqual((status, out.rpartition("\t")[0]), (0, "4\ttrue"))
        return out.endswith("true\n")

    def test_a_rate_is_exact_and_skips_what_it_missed(self):
        # The second run, at 0.2, takes until 0.7 at the earliest: those at 0.4
        # and 0.6 are skipped, not made up for.
        _, second, third, _, last = self.starts(
            "Tasklet.rate(5, tick)(0.5)", 5)
        self.assert_after(0.2, second)
        self.assert_after(0.8, third)
        self.assert_after(1.2, last)

    def test_what_a_rate_missed_is_counted(self):
        script = self.start_code("""
            local function tick() Tasklet.sleep(0.05) end
            local t = Tasklet.rate(50, tick)()
            repeat Tasklet.sleep(0.01) until (t.missed or 0) >= 4
            print(t.missed % 1 == 0, Tasklet.current().missed)
            io.stdout:flush()
            """)
        script.await_line("true\tnil")
        task = self.task("tick")["id"]
        eventually(lambda: self.described(task).get("missed", 0) >= 4)
        self.client.call("cancel", task=task)
        self.assertEqual(script.wait()[0], 0)


if __name__ == "__main__":
    unittest.main()
