#!/bin/sh
# A task that did not end done is an error that says so, on stderr, and never
# an exit status of 0: `wait` that returns 0 on a failure misleads scripts.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

run spawn -p fail boom
failed=$out
expect_error 1 "tasklet-ctl: task $failed failed: boom" join "$failed"
expect_error 1 "tasklet-ctl: task * failed: bang" spawn --wait fail bang

run spawn -p --timeout 50ms sleep 1000
late=$out
expect_error 1 "tasklet-ctl: task $late timed out*" join "$late"

run spawn -p sleep 1000
gone=$out
expect 0 'cancelled 1 task' cancel --reason enough "$gone"
expect_error 1 "tasklet-ctl: task $gone *cancelled*enough*" join "$gone"

# Of several tasks the results of the others still come.
run spawn -p sum 5
good=$out
run join "$failed" "$good" "$late"
expect_status 1
expect_out 5
expect_match "$err" "tasklet-ctl: task $failed failed: boom
tasklet-ctl: task $late timeout: *"
expect_error 1 "tasklet-ctl: task $failed failed: boom" join --any "$failed"

# The time given to join itself is another matter.
run spawn -p sleep 1000
long=$out
expect_error 124 'tasklet-ctl: *ran out*' join "$long" --timeout 50ms
expect_error 124 'tasklet-ctl: *ran out*' join --timeout 0 "$good" "$long"
expect_error 124 'tasklet-ctl: *ran out*' join --timeout 0.05 --any "$long"
run --json show "$long"
expect_match "$out" '*"state":"sleeping"*'
exit 0
