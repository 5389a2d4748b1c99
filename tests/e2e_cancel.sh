#!/bin/sh
# cancel ends a subtree, or with --only the task alone.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

state() {
	run --json show "$1"
	expect_match "$out" "*\"state\":\"$2\"*"
}

run spawn -n parent sleep 1000
run spawn -n child --parent parent sleep 1000
run spawn -n grandchild --parent child sleep 1000

expect 0 'cancelled 1 task' cancel --only child
state child cancelled
state grandchild sleeping
run parent grandchild
expect_match "$out" '*name *parent*'
expect 0 'cancelled 2 tasks' cancel parent
state parent cancelled
state grandchild cancelled

# What has ended stays as it is.
expect 0 'cancelled 0 tasks' cancel parent
run spawn -p -n one sleep 1000
run spawn -p -n two sleep 1000
expect 0 'cancelled 2 tasks' cancel one two parent
expect_error 3 '*nobody*' cancel nobody
exit 0
