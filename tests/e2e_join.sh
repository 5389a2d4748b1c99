#!/bin/sh
# Results come out as they went in: a string bare, all else as JSON, reals with
# no digit too many; those of several tasks in the order asked.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

result() {
	want=$1
	shift
	expect 0 "$want" spawn --wait "$@"
	run spawn -p "$@"
	expect 0 "$want" join "$out"
}

result 6 sum 1 2 3
result 0 sum
result -9223372036854775808 sum -9223372036854775808
result 3.0 sum 1 2.0
result 0.1 sum 0.1
result 0.30000000000000004 sum 0.1 0.2
result 1e+300 sum 1e300
result null print hello
result null sleep 0
result '["x",1,null,{"a":[]}]' echo x 1 null '{"a":[]}'

# Ended or not, by id or by name, once or again.
expect 0 7 spawn --wait -n seven sum 7
expect 0 7 join seven
expect 0 7 join seven
run spawn -p -n slow sleep 0.3
expect 0 null join slow

run spawn -p sum 1
one=$out
run spawn -p sleep 0.2
two=$out
run spawn -p echo three
three=$out
expect 0 "1
null
[\"three\"]" join "$one" "$two" "$three"
expect 0 "[\"three\"]
1
1" join "$three" "$one" "$one"

# The first to end, the others are left alone.
run spawn -p sleep 1000
long=$out
expect 0 1 join --any "$long" "$one"
expect 0 1 join "$one" "$long" --any
expect 0 1 join --any "$one"
run --json show "$long"
expect_match "$out" '*"state":"sleeping"*'

# What -p prints comes before the result.
run spawn -p --wait sum 1
expect_match "$out" '[0-9]*
1'

# Without -p, the task is told by id and name.
run spawn -n "a task" sum
expect_match "$out" 'task [0-9]* (a task)'
exit 0
