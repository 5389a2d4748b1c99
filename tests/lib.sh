#!/bin/sh
# What the end-to-end scripts share: a private daemon, and assertions.
# POSIX sh. Sourced first: . "$top_srcdir/tests/lib.sh"
# shellcheck shell=sh disable=SC2034,SC2317 # all this is for the scripts
#
# TASKLETD_WRAPPER and TASKLET_CTL_WRAPPER, such as "valgrind -q
# --error-exitcode=99", stand before the daemon's and the client's commands;
# TASKLETD_SCALE divides the large numbers of tasks.
set -u

: "${top_builddir:=.}" "${top_srcdir:=.}" "${PYTHON3:=}"
folder=$(mktemp -d "${TMPDIR:-/tmp}/tasklet-test.XXXXXX") || exit 99
socket=$folder/control.sock
daemon=

# What the user has set must not decide what a test finds.
unset TASKLET_SOCKET TASKLET_ID TASKLET_INSTANCE NO_COLOR COLUMNS POSIXLY_CORRECT
LC_ALL=C.UTF-8
export LC_ALL

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

skip() {
	echo "SKIP: $*" >&2
	exit 77
}

need_python() {
	[ -n "$PYTHON3" ] || skip "no Python 3"
}

# Within a minute, or the test fails: until_true WHAT COMMAND...
until_true() {
	what=$1 tries=600
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "$what: not within a minute"
		sleep 0.1
	done
}

ctl() {
	# shellcheck disable=SC2086 # a wrapper is several words
	${TASKLET_CTL_WRAPPER:-} "$top_builddir/client/tasklet-ctl" \
	    --socket "$socket" "$@"
}

answers_or_has_ended() {
	ctl ping || ! kill -0 "$daemon"
}

await_daemon() {
	until_true "taskletd's answer to ping" answers_or_has_ended
	kill -0 "$daemon" 2>/dev/null || fail "taskletd has ended:
$(cat "$folder/daemon.log")"
}

start_daemon() {
	# shellcheck disable=SC2086 # a wrapper is several words
	${TASKLETD_WRAPPER:-} "$top_builddir/daemon/taskletd" \
	    --socket "$socket" 2>"$folder/daemon.log" &
	daemon=$!
	await_daemon
}

# Waits for its end, too; a leak or an error of a wrapper fails the test.
stop_daemon() {
	[ -n "$daemon" ] || return 0
	kill "$daemon" 2>/dev/null
	wait "$daemon"
	ended=$?
	daemon=
	[ "$ended" -eq 0 ] && return 0
	cat "$folder/daemon.log" >&2
	echo "FAIL: taskletd ended with status $ended" >&2
	return 1
}

finish() {
	result=$?
	trap - EXIT
	stop_daemon || result=1
	rm -rf "$folder"
	exit "$result"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# Whether some client waits in a join.
is_joining() {
	ctl tree | grep -q 'waiting  *join'
}

# run ARG...: tasklet-ctl; leaves $out, $err and $status.
run() {
	ran=$*
	status=0
	out=$(ctl "$@" 2>"$folder/err") || status=$?
	err=$(cat "$folder/err")
}

expect_status() {
	[ "$status" -eq "$1" ] ||
	    fail "$ran: status $status, not $1
stdout: $out
stderr: $err"
}

expect_out() {
	[ "$out" = "$1" ] || fail "$ran: printed
$out
and not
$1
stderr: $err"
}

# expect_match TEXT PATTERN: a pattern of the shell.
expect_match() {
	# shellcheck disable=SC2254 # it is one
	case $1 in
	$2) ;;
	*) fail "$ran: wanted $2
and got $1" ;;
	esac
}

# expect STATUS OUT ARG...: runs it; nothing may come on stderr.
expect() {
	want_status=$1 want_out=$2
	shift 2
	run "$@"
	expect_status "$want_status"
	expect_out "$want_out"
	[ -z "$err" ] || fail "$ran: unexpected on stderr: $err"
}

# expect_error STATUS PATTERN ARG...: runs it; nothing may come on stdout.
expect_error() {
	want_status=$1 want_err=$2
	shift 2
	run "$@"
	expect_status "$want_status"
	expect_match "$err" "$want_err"
	expect_out ""
}
