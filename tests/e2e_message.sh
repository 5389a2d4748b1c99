#!/bin/sh
# Messages from the shell: sent, received in order, asked and replied to.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon
run spawn -p -n box sleep 1000
box=$out

# In order; a body is read as an ARG of spawn.
expect 0 '' send box '{"a": [1, "x"]}'
expect 0 '' send "$box" plain
expect 0 '' send box -5
expect 0 '' send -s box -5
expect 0 '' send box null
expect 0 '{"a":[1,"x"]}' receive box
expect 0 plain receive "$box"
expect 0 -5 receive --timeout 10s box
run --json receive box
expect_match "$out" '{"body":"-5","from":[0-9]*}'
expect 0 null receive box
expect_error 124 '*' receive --timeout 0 box

# A request waits for its reply, which another client gives.
ctl request box '{"n":1}' >"$folder/reply" 2>"$folder/request.err" &
request=$!
run receive box
expect_out '{"n":1}'
expect_match "$err" 'tasklet-ctl: *tasklet-ctl reply [0-9]* JSON'
number=${err##*reply }
number=${number% JSON}
expect 0 '' reply "$number" 'it is "one"'
wait "$request" || fail "request: status $?: $(cat "$folder/request.err")"
[ "$(cat "$folder/reply")" = 'it is "one"' ] || fail "$(cat "$folder/reply")"
expect_error 2 "*nobody waits for a reply to $number*" reply "$number" 1

ctl --json request box 2 >"$folder/reply" &
request=$!
run --json receive box
expect_match "$out" '{"body":2,"from":[0-9]*,"call":[0-9]*}'
number=${out##*:}
expect 0 '' --json reply -s "${number%\}}" 3
wait "$request" || fail "request: status $?"
[ "$(cat "$folder/reply")" = '"3"' ] || fail "$(cat "$folder/reply")"

# No reply in time, and none from a task that ends.
expect_error 124 '*time*' request --timeout 50ms box 1
run receive box
ctl request box 1 2>"$folder/request.err" &
request=$!
run receive box
run cancel box
wait "$request"
[ $? -eq 1 ] || fail "request of a task that ends: $(cat "$folder/request.err")"

# A command that is a task reads its own mailbox.
run spawn -p -n reads --shell "'$top_builddir/client/tasklet-ctl' receive |
    tr a-z A-Z"
expect 0 '' send reads 'to a command'
run join reads
expect 0 'TO A COMMAND' log reads

expect_error 3 '*nobody*' send nobody 1
expect_error 3 '*nobody*' receive nobody
expect_error 3 '*has ended*' send box 1
expect_error 2 '*an argument is missing*' send box
expect_error 2 '*one argument too many*' request box 1 2
expect_error 2 "*the call 'x' is not a whole number*" reply x 1
expect_error 2 "*--timeout 'x' is not a duration*" receive --timeout x
exit 0
