#!/bin/sh
# What cannot be printed is an error, never silence; a reader that goes away
# ends the client as it ends others.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

cannot_write() {
	[ "$status" -eq 1 ] || fail "$ran: status $status, not 1"
	case $(cat "$folder/err") in
	*"cannot write to stdout: "*) ;;
	*) fail "$ran: said $(cat "$folder/err")" ;;
	esac
}

if [ -w /dev/full ]; then
	for ran in ping tree list stats "show 1" "spawn sum" "--json tree" \
	    --help --version "ping --help"; do
		status=0
		# shellcheck disable=SC2086 # several words
		ctl $ran >/dev/full 2>"$folder/err" || status=$?
		cannot_write
	done
fi

# Closed: the socket must not take its place.
ran="ping with stdout closed" status=0
ctl ping >&- 2>"$folder/err" || status=$?
cannot_write
ctl sleep 0 >&- <&- || fail "sleep prints nothing, and failed"

# More than a pipe holds, to a reader that takes one line of it.
long=$(printf '%0100000d' 7)
run spawn -p -n long echo "$long" "$long"
run join long
{
	status=0
	ctl join long 2>"$folder/err" || status=$?
	echo "$status" >"$folder/status"
} | head -c 1 >/dev/null
status=$(cat "$folder/status")
[ "$status" -eq 141 ] || [ "$status" -eq 1 ] ||
    fail "a closed pipe: status $status"
expect 0 pong ping
exit 0
