#!/bin/sh
# pause holds a subtree, or with --only the task alone, until resume; forget
# lets a finished task go. Each takes several, and goes on after an error.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

state() {
	run --json show "$1"
	expect_match "$out" "*\"state\":\"$2\"*"
}

run spawn -p -n parent sleep 1000
parent=$out
run spawn -p -n child --parent parent sleep 1000
child=$out
run spawn -n other sleep 1000

expect 0 'paused 2 tasks' pause parent
state parent paused
state child paused
state other sleeping
run tree parent
expect_match "$out" 'NAME*
parent *paused *resume for *s
*child *paused *resume for *s'
run list --state paused
expect_match "$out" '*parent *paused *child *paused*'

# What is paused already is not counted again; new children start paused.
expect 0 'paused 1 task' pause parent other
run spawn -p -n late --parent parent sleep 1000
late=$out
state late paused
expect 0 'resumed 1 task' resume --only late
state late sleeping
expect 0 'resumed 2 tasks' resume parent
state child sleeping
expect 0 'resumed 1 task' resume other
expect 0 'resumed 0 tasks' resume other
expect 0 'paused 1 task' pause parent --only
state child sleeping
expect 0 'resumed 1 task' resume parent

# It stands still until it is resumed.
run spawn -n hold sleep 1000
expect 0 'paused 1 task' pause hold
run spawn -n short --parent hold sleep 0.05
expect_error 124 '*' join --timeout 100ms short
expect 0 'resumed 1 task' resume short
expect 0 null join short
expect 0 'paused 0 tasks' pause short

# An error is told and leaves the others alone.
run pause nobody other 1
expect_status 2
expect_out 'paused 1 task'
expect_match "$err" '*nobody*
tasklet-ctl: *1 is a taskletd, which is never paused'
expect_error 3 '*nobody*' resume nobody
run resume other nobody
expect_status 3
expect_out 'resumed 1 task'

expect_error 2 '*has not ended*' forget parent
run spawn -n over sum
expect 0 0 join over
expect 0 'forgot 2 tasks' forget over short
expect_error 3 '*over*' join over
expect_error 3 '*over*' forget over
expect_error 2 "*unknown option '--only'*" forget --only x

# In JSON
expect 0 "{\"paused\":[$parent,$child,$late],\"count\":3}" \
    --json pause parent child
run --json resume parent nobody
expect_status 3
expect_match "$out" "{\"resumed\":\\[$parent,*\\],\"count\":3}"
expect_match "$err" '{"error":{*"type":"NoSuchTask"*}}'
run spawn -n over --wait sum
expect 0 '{"count":1}' --json forget over
exit 0
