#!/bin/sh
# later, interval, loop and rate run a function again as one task, which show
# tells about; rerun starts one like it.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

# shows TASK PATTERN: one field of show, in full.
shows() {
	run show "$1"
	# shellcheck disable=SC2254 # it is a pattern
	while read -r line; do
		case $line in
		$2) return ;;
		esac
	done <<-EOF
		$out
	EOF
	fail "$ran: no line $2 in $out"
}

# shellcheck disable=SC2317 # until_true runs it
has_run() {
	ctl --json show "$1" | grep -Eq '"runs":[1-9]'
}

# Once, after a delay.
run later -n soon 1h sum 1
expect_match "$out" 'task [0-9]* (soon)'
run later -p 1h sum 1
expect_match "$out" '[0-9]*'
shows soon 'recurrence once, after 1h 0m'
shows soon 'state *sleeping'
shows soon 'runs *0'
run tree soon
expect_match "$out" '*soon * sleeping * left*'
expect 0 6 later --wait 10ms sum 1 2 3
expect_error 1 '*boom*' later --wait 0 fail boom
expect_error 1 '*timed out*' later --wait --timeout 10ms 1h sum

# Each ends as its bounds say.
expect 0 3 interval --wait --max-runs 2 10ms sum 1 2
expect 0 3 interval --wait --immediate --max-runs 1 1h sum 1 2
expect 0 '["-x"]' loop --wait --max-runs 3 echo -x
expect 0 '["1"]' loop --wait -s --max-runs 3 echo 1
expect 0 7 rate --wait --max-runs 3 1000 sum 7
expect 0 7 rate --wait --max-runs 1 0.1 sum 7
expect_error 1 '*no*' loop --wait --max-failures 1 fail no
expect_error 1 '*no*' interval --wait --max-failures 2 1ms fail no
expect_error 1 '*no*' rate --wait --max-failures 2 1000 fail no

# All about it in show.
run interval -n often --immediate --max-runs 5 --max-failures 2 1h fail "no luck"
until_true "a run" has_run often
shows often 'recurrence 1h 0m between runs, the first at once, 5 runs at most, until it fails 2 times in a row'
shows often 'runs *1'
shows often 'failures *1'
shows often 'last_error *no luck'
run rate -n ticking 0.001 sum
run interval -n quick 20ms sum
shows quick 'recurrence 0.02s between runs'
shows ticking 'recurrence 0.001 a second'
shows ticking 'missed *0'
run loop -n around --max-failures 1 sleep 3600
shows around 'recurrence in a loop, until it fails 1 time in a row'

# The options of spawn.
run loop -p -n around --parent soon --scope wait --timeout 1h sleep 3600
run --json show "$out"
expect_match "$out" '*"timeout":3600*"recurrence":{"kind":"loop"}*"scope":"wait"*'
expect_error 1 '*around*' loop --unique -n around sum
expect_error 2 '*max_runs*' loop --max-runs 0 sum
expect_error 2 '*hertz*' rate 0 sum
expect_error 2 '*nope*' later 1s nope
expect_error 3 '*nobody*' later --parent nobody 1s sum

# Again: the same function, arguments, name and recurrence; live or finished.
run spawn -p -n added sum 1 2
expect 0 3 join added
run rerun added
expect_match "$out" 'task [0-9]* (added)'
expect 0 3 rerun --wait added
run rerun -p often
shows "$out" 'recurrence 1h 0m between runs, the first at once, 5 *'
expect_error 3 '*nobody*' rerun nobody
expect_error 2 '*' rerun 1

# In JSON
run --json later 1h sum
expect_match "$out" '{"id":[0-9]*,"name":"sum"}'
run --json rate -p 1 sum
expect_match "$out" '[0-9]*'
run --json rerun added
expect_match "$out" '{"id":[0-9]*,"name":"added"}'
expect 0 '[1]' --json interval --wait --max-runs 1 0 echo 1
run --json loop --wait --max-failures 1 fail no
expect_status 1
expect_match "$err" '{"error":{*"type":"JoinError"*}}'
exit 0
