#!/bin/sh
# No daemon, one that goes away, and what is no daemon at all: a message that
# says which socket and what to do, and exit status 5.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"

expect_error 5 "tasklet-ctl: cannot connect to $socket: * is taskletd running? \
start it with: taskletd --socket $socket" ping

# The socket of one that has ended.
start_daemon
expect 0 '' shutdown
wait "$daemon" || fail "taskletd ended with status $?"
daemon=
expect_error 5 "*cannot connect to $socket*" ping

# One that ends while a join waits: the task is cancelled, or the line is cut.
start_daemon
run spawn -p sleep 1000
ctl join "$out" 2>"$folder/err" &
joiner=$!
until_true "a join in the tree" is_joining
stop_daemon || exit 1
wait "$joiner"
case $? in
1 | 5) ;;
*) fail "a join that lost its daemon exited with another status" ;;
esac
[ -s "$folder/err" ] || fail "and said nothing"

# The environment's socket, and an empty one that is as none.
run_with() {
	status=0
	err=$(TASKLET_SOCKET=$1 XDG_RUNTIME_DIR=$folder/none \
	    "$top_builddir/client/tasklet-ctl" ping 2>&1) || status=$?
}
ran="ping with TASKLET_SOCKET"
run_with "$folder/other"
expect_status 5
expect_match "$err" "*$folder/other*"
exit 0
