#!/bin/sh
# pool shows who runs in a pool and who waits for it, and sets its size; spawn's
# options say what a task comes after, and how often it is tried.
# shellcheck disable=SC2016 # the commands expand these
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

expect 0 '' pool
expect 0 'POOL SIZE USED RUNNING QUEUED
p    2    0    0       0' pool p 2
for name in a b c d; do
	run spawn -p -n "$name" --pool p -- sleep 1000
	[ "$name" != a ] || first=$out
	[ "$name" != d ] || last=$out
done
b=$((first + 2)) c=$((last - 2))
# shellcheck disable=SC2317 # until_true runs it
runs() {
	ctl --json pool p | grep "\"running\":\[$1\],\"queued\":\[$2\]"
}
until_true "two run" runs "$first,$b" "$c,$last"
expect 0 "POOL SIZE USED RUNNING QUEUED
p    2    2    2: $first $b  2: $c $last" pool p
expect 0 'POOL SIZE USED RUNNING QUEUED
p    2    2    2       2' pool
expect 0 '{"name":"p","size":2,"used":2,"holders":2,"queue":2}' --json pool
run show d
expect_match "$out" '*
wait * pool p, place 2 for *
pool * p
weight * 1*'
run tree
expect_match "$out" '* waiting pool p for*'
expect 0 'cancelled 1 task' cancel a
until_true "c runs" runs "$b,$c" "$last"
run pool p 3
expect_match "$out" "POOL SIZE USED RUNNING * QUEUED
p    3    3    3: $b $c $last 0"
run cancel b c d
run join b c d

# A heavy one waits until there is room.
run pool p 2
run spawn -n one --pool p -- sleep 1000
run spawn -n heavy --pool p --weight 2 -- true
run spawn -n light --pool p -- true
run --json show heavy
expect_match "$out" '*"state":"waiting"*"place":1*'
run --json show light
expect_match "$out" '*"place":2*'
run cancel one
expect 0 '{"exit_status":0}
{"exit_status":0}' join heavy light

# After others, and after their success.
run spawn -n good --stdin-pipe -- cat
run spawn -n bad --stdin-pipe --shell 'cat; exit 3'
run spawn -n later --after good --after bad -- true
run spawn -n both --after-ok good --after-ok bad -- true
run spawn -n fine --after-ok good -- true
run --json list --state waiting
[ "$(printf '%s\n' "$out" | grep -c '"for":"after"')" -eq 3 ] ||
    fail "not 3 tasks wait: $out"
run show both
expect_match "$out" '*wait * after [0-9]* [0-9]* for*'
ctl write --eof good </dev/null
expect 0 '{"exit_status":0}' join fine
ctl write --eof bad </dev/null
expect 0 '{"exit_status":0}' join later
expect_error 1 '*was cancelled: *' join both

# Again until it succeeds.
mkdir "$folder/tries"
expect 0 'tried
tried
tried' run --retry 5 --backoff 10ms --max-backoff 20ms -C "$folder/tries" --shell '
    echo tried; for n in 1 2 3; do mkdir $n 2>/dev/null && break; done
    [ $n -eq 3 ]'
run show sh
expect_match "$out" '*
recurrence  up to 5 more times when it fails, after 0.0s, then twice as long, *
attempt     3
*
attempt.1 * exit status 1
attempt.2 * exit status 1
attempt.3 * done
*'
expect 4 '' run --retry 1 --backoff 0 --shell 'exit 4'

# A run that takes too long has failed, the task need not have.
run spawn -p -n slow --run-timeout 50ms --retry 1 --backoff 0 -- sleep 1000
expect_error 1 '*task * failed: *' join slow
run show slow
expect_match "$out" '*run_timeout *0.1s*attempt.2 *'
run interval -p -n beat --run-timeout 50ms --immediate --max-failures 2 10ms \
    -- sleep 1000
expect_error 1 '*task * failed: *' join beat
expect_error 124 '*' run --timeout 50ms --pool p --shell 'sleep 1000'
run pool p 0
expect_error 124 '*' run --timeout 50ms --pool p -- true

expect_error 2 '*--backoff and --max-backoff go with --retry*' \
    spawn --backoff 1 sum
expect_error 2 "*--weight 'x' is not a whole*" spawn --weight x sum
expect_error 2 "*SIZE 'x' is not a whole*" pool p x
expect_error 2 "*unknown option '--retry'*" loop --retry 1 sum
expect_error 3 '*no-such*' spawn --after no-such sum
exit 0
