#!/bin/sh
# The examples: what they print, and that what they spawn are their children.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon
examples=$(cd "$top_srcdir" && pwd)/examples
PATH=$(cd "$top_builddir/client" && pwd):$PATH
export PATH

expect 0 'start done.
Hello
World' run -- "$examples/hello.sh"

expect 0 '30
70' run -- "$examples/join.sh"

run run -- "$examples/tree.sh"
expect_status 0
[ -z "$err" ] || fail "$ran: $err"
expect_match "$out" 'NAME * ID STATE * WAITS FOR
tree.sh * running*
├─task1 * running*
├─task2 * running*
└─task3 * running*
NAME*
Hello
done
World
done
Hi There
done'
drawn=$(printf '%s\n' "$out" | grep -c '^tree.sh ')
[ "$drawn" -eq 3 ] || fail "$ran: drew $drawn trees"
exit 0
