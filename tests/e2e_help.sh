#!/bin/sh
# Every command tells what it takes, without a daemon; and all that --help
# lists is there.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"

expect 0 "tasklet-ctl $("$top_builddir/client/tasklet-ctl" --version |
    awk '{ print $2 }')" --version
run --help
expect_status 0
expect_match "$out" 'usage: tasklet-ctl *Exit status:*124*'
listed=$(printf '%s\n' "$out" | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
for name in run spawn later interval loop rate rerun join wait sleep tree top list ps show parent children current cancel \
    pause resume forget pool send request receive reply events trace \
    output log write reload check functions stats ping version shutdown call; do
	run "$name" --help
	expect_status 0
	expect_match "$out" 'usage: tasklet-ctl *--help*'
	[ -z "$err" ] || fail "$ran: $err"
	case $name in
	ps | output) continue ;;
	esac
	printf '%s\n' "$listed" | grep -qx "$name" || fail "$name is not listed"
done
[ "$(printf '%s\n' "$listed" | wc -l)" -eq 38 ] || fail "listed: $listed"
run spawn -h
expect_match "$out" '*--print-id*'
exit 0
