#!/bin/sh
# The options of spawn that say what a task is among the others.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

run spawn -p -n top sleep 60
top=$out
run spawn -p --parent "$top" -n below sleep 60
run parent below
expect_match "$out" "*id *$top*"

# wait: it ends only when its children have.
run spawn -p -n waits --scope wait sleep 2
run spawn -p -n child --parent waits sleep 2.5
expect 0 null join waits
run --json show child
expect_match "$out" '*"state":"done"*'

# cancel: its children end with it.
run spawn -p -n cancels --scope cancel sleep 2
run spawn -p -n victim --parent cancels sleep 60
expect 0 null join cancels
run --json show victim
expect_match "$out" '*"state":"cancelled"*'

# unique: only while one lives.
expect_error 1 '*top*' spawn --unique -n top sum
expect 0 'cancelled 2 tasks' cancel top
run spawn --unique -n top sum
expect_status 0
exit 0
