#!/bin/sh
# events prints what happens, as lines or as JSON, until it is ended or nobody
# reads it any more; names are made safe for a terminal.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

# events ARG...: in the background, to $folder/events; until it has subscribed.
events() {
	: >"$folder/events"
	# Not to the function: the signal is for the client alone.
	# shellcheck disable=SC2086 # a wrapper is several words
	env --default-signal=INT \
	    ${TASKLET_CTL_WRAPPER:-} "$top_builddir/client/tasklet-ctl" \
	    --socket "$socket" "$@" >"$folder/events" 2>"$folder/events.err" &
	events=$!
	until_true "a subscriber" told "${mark:-mark}"
}

# told NAME: a task of that name was told of.
# shellcheck disable=SC2317 # by until_true
told() {
	ctl spawn -n "$1" echo >/dev/null
	grep -q "$1" "$folder/events"
}

# end_events SIGNAL: it ends well; $out is what it printed, without marks.
end_events() {
	ran=events
	until_true "the last event" told "${mark:-mark}-last"
	kill "-$1" "$events"
	wait "$events"
	status=$? err=$(cat "$folder/events.err")
	expect_status 0
	[ -z "$err" ] || fail "$err"
	out=$(grep -v "${mark:-mark}" "$folder/events")
}

time='20[0-9][0-9]-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]'
events events
run spawn -p -n 'one two' echo 1
task=$out
run spawn -p -n bad fail no
run join bad
end_events INT
expect_match "$out" "$time  created  *$task  ready *  one two
$time  started  *$task  running *  one two
$time  finished  *$task  done *  one two
$time  created * ready *  bad
$time  started * running *  bad
$time  failed * failed *  bad
$time  finished * failed *  bad"

# Of some kinds, of some names, below a task, in JSON.
mark=x-mark
events --json events --what created,output --name 'x-*'
run spawn -p -n other print 1
run spawn -p -n x-1 print 1
task=$out
run join x-1
end_events TERM
expect_match "$out" "{\"number\":*,\"what\":\"created\",\"time\":*,\"task\":{\"id\":$task,\"name\":\"x-1\",*}}
{\"number\":*,\"what\":\"output\",\"time\":*,\"task\":{\"id\":$task,*}}"
mark=mark

run spawn -p -n top sleep 1000
# shellcheck disable=SC2317 # likewise
told() {
	ctl spawn -n "$1" --parent top echo >/dev/null
	grep -q "$1" "$folder/events"
}
events events top
run spawn -p -n elsewhere sleep 1000
run spawn -p -n below --parent top sleep 1000
end_events HUP
expect_match "$out" '* created * below
* started * below'

# A reader that goes ends it, without an event to write and without a word.
mkfifo "$folder/pipe"
events=$(
	{
		env -- "$top_builddir/client/tasklet-ctl" --socket "$socket" \
		    events --what failed 2>"$folder/err"
		echo $? >"$folder/status"
	} | true
	cat "$folder/status"
)
[ "$events" -eq 0 ] || fail "a reader that goes: status $events"
[ -z "$(cat "$folder/err")" ] || fail "$(cat "$folder/err")"

# What was missed is told. On a terminal a name is only text.
cat >"$folder/fake" <<'EOF'
{"number": 1, "what": "created", "time": 1.5, "task": {"id": 7, "name": "a\u001b[31m", "state": "ready"}}
{"what": "missed", "from": 2, "to": 9}
EOF
"$PYTHON3" - "$folder/fake.sock" "$folder/fake" <<'EOF' &
import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1] + ".new")
    listener.listen()
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    listener.settimeout(60)
    for _ in range(3):
        client, _ = listener.accept()
        request = json.loads(client.makefile().readline())
        reply = {"jsonrpc": "2.0", "id": request["id"], "result": None}
        client.sendall(json.dumps(reply).encode() + b"\n")
        for line in open(sys.argv[2], encoding="utf-8"):
            event = {"jsonrpc": "2.0", "method": "event",
                     "params": json.loads(line)}
            client.sendall(json.dumps(event).encode() + b"\n")
        client.close()
EOF
fake=$!
until_true "a fake daemon" test -S "$folder/fake.sock"
run --socket "$folder/fake.sock" events
expect_status 5
expect_match "$out" "*created *7  ready      a$(printf '\033')\\[31m"
expect_match "$err" 'tasklet-ctl: the events 2 to 9 were missed: *
tasklet-ctl: lost the connection *'
run --socket "$folder/fake.sock" --json events
expect_match "$out" '*"number":1,*
{"what":"missed","from":2,"to":9}'
"$PYTHON3" "$top_srcdir/tests/on_terminal.py" 300 \
    "$top_builddir/client/tasklet-ctl" --socket "$folder/fake.sock" events \
    >"$folder/out"
wait "$fake" || fail "the fake daemon"
expect_match "$(cat "$folder/out")" '*created *7  ready      a\\u001b\[31m*'

expect_error 2 '*what: must be an array of some of*' events --what nothing
expect_error 3 '*nobody*' events nobody
exit 0
