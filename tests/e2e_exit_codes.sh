#!/bin/sh
# Each exit status, as --help lists them, but for 4 and 5.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

expect 0 pong ping

# 1: other errors of the daemon
run spawn -p -n only sleep 1000
only=$out
expect_error 1 "*$only*" spawn -n only --unique sum

# 2: wrong usage, told by the client or by the daemon
expect_error 2 "*unknown command 'nope'*try 'tasklet-ctl --help'" nope
expect_error 2 '*nope*tasklet-ctl functions*after --' spawn nope
expect_error 2 '*nope*' call nope
expect_error 2 '*task*' call join
expect_error 2 '*scope*' spawn --scope x sum
expect_error 2 '*' spawn sum x
expect_error 2 '*' spawn -n 007 sum
expect_error 2 '*' spawn -n '' sum

# 3: no such task, or several
expect_error 3 '*nobody*' join nobody
expect_error 3 '*999999*' show 999999
run spawn -p -n twin sleep 1000
first=$out
run spawn -p -n twin sleep 1000
expect_error 3 "*twin*$first*$out*" join twin
exit 0
