#!/bin/sh
# A script that runs as a task is that task: what it spawns is its child. An id
# that means nothing any more is ignored.
# shellcheck disable=SC2016 # the commands expand these
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon
PATH=$(cd "$top_builddir/client" && pwd):$PATH
export PATH

# Its spawns are its children; it knows itself and its parent.
run run -n script --shell '
tasklet-ctl spawn -n child -- sleep 1000
tasklet-ctl --json show child | grep -o "\"parent\":$TASKLET_ID,"
tasklet-ctl --json current | grep -o "\"name\":\"script\""
tasklet-ctl --json parent | grep -o "\"name\":\"client\""
tasklet-ctl join $TASKLET_ID'
expect_match "$out" 'task [0-9]* (child)
"parent":[0-9]*,
"name":"script"
"name":"client"'
expect_match "$err" '*itself*'
run --json parent child
expect_match "$out" '{"id":1,*'

# run in a script makes a child too, and so on down.
cat >"$folder/inner" <<'END'
for task in parent current; do
	tasklet-ctl --json $task | sed 's/.*"name":"\([a-z]*\)".*/\1/'
done
END
expect 0 'one
two' run -n one -- tasklet-ctl run -n two -- sh "$folder/inner"

# What cannot be attached to is ignored: ids that are stale or none, and those
# of another daemon.
for id in 999999 1 -1 0 x '' 99999999999999999999 '1 2'; do
	TASKLET_ID=$id TASKLET_SOCKET=$socket run --json current
	expect_status 0
	expect_match "$out" '{*"function":"client"*'
	[ -z "$err" ] || fail "TASKLET_ID=$id: $err"
done
run run -n ended true
id=$(ctl --json list --name ended | sed 's/^{"id":\([0-9]*\),.*/\1/')
TASKLET_ID=$id TASKLET_SOCKET=$socket run --json current
expect_match "$out" '{*"function":"client"*'
id=$(ctl --json show child | sed 's/^{"id":\([0-9]*\),.*/\1/')
TASKLET_ID=$id TASKLET_SOCKET=$folder/other.sock run --json current
expect_match "$out" '{*"function":"client"*'
TASKLET_ID=$id TASKLET_INSTANCE=f0 TASKLET_SOCKET=$socket run --json current
expect_match "$out" '{*"function":"client"*'
TASKLET_ID=$id TASKLET_SOCKET=$socket run --json current
expect_match "$out" '{*"name":"child"*'

# A pattern does not mean the own task, nor those above it.
expect_error 124 'tasklet-ctl: the time ran out: 1 of 1 tasks have not ended' \
    run -n own-outer --shell 'tasklet-ctl run -n own-inner --shell "
tasklet-ctl spawn -p -n own-not -- sleep 1000 >/dev/null
tasklet-ctl wait --timeout 0 \"own-*\""'
run run -n own-inner --shell 'tasklet-ctl wait own-inner'
expect_status 3
exit 0
