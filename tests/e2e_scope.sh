#!/bin/sh
# The options of spawn that say what a task is among the others.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

run spawn -p -n top sleep 1000
top=$out
run spawn -p --parent "$top" -n below sleep 1000
run parent below
expect_match "$out" "*id *$top*"

# What is below it begins when all of that is there.
run spawn -n hold sleep 1000
run pause hold

# wait: it ends only when its children have.
run spawn -p -n waits --parent hold --scope wait sleep 0.1
run spawn -p -n child --parent waits sleep 0.6
run resume hold
expect 0 null join waits
run --json show child
expect_match "$out" '*"state":"done"*'

# cancel: its children end with it.
run pause hold
run spawn -p -n cancels --parent hold --scope cancel sleep 0.1
run spawn -p -n victim --parent cancels sleep 1000
run resume hold
expect 0 null join cancels
run --json show victim
expect_match "$out" '*"state":"cancelled"*'

# unique: only while one lives.
expect_error 1 '*top*' spawn --unique -n top sum
expect 0 'cancelled 2 tasks' cancel top
run spawn --unique -n top sum
expect_status 0
exit 0
