#!/bin/sh
# trace writes a timeline that is whole JSON however it ends: tracks of tasks,
# and what each was doing as slices of them.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

# check FILE PYTHON: of the list of events, and the slices of each name.
check() {
	"$PYTHON3" - "$1" <<-EOF || fail "$1: $(cat "$1")"
		import json
		import sys

		with open(sys.argv[1], encoding="utf-8") as file:
		    events = json.load(file)
		assert isinstance(events, list)
		tracks = {}
		slices = {}
		for event in events:
		    assert event["pid"] == 1
		    if event["ph"] == "M":
		        if event["name"] == "thread_name":
		            tracks[event["tid"]] = event["args"]["name"]
		        continue
		    assert event["ts"] >= 0 and event["tid"] in [1, *tracks]
		    if event["ph"] == "X":
		        assert event["dur"] >= 0
		        assert event["args"]["task"] == event["tid"]
		        slices.setdefault(event["args"]["name"], []).append(event)
		for of_one in slices.values():
		    end = {}
		    for one in of_one:  # side by side, without a gap
		        assert one["ts"] == end.get(one["tid"], one["ts"])
		        end[one["tid"]] = one["ts"] + one["dur"]

		def names(task):
		    return [one["name"] for one in slices[task]]

		def ended(task):
		    return slices[task][-1]["args"].get("ended")
		$2
	EOF
}

# has_run FILE NAME: the trace has it that a task is past its run, and so what it
# does then, such as that it sleeps.
# shellcheck disable=SC2317 # until_true runs it
has_run() {
	grep '"name":"running"' "$1" | grep -Fq "\"name\":\"$2\"}"
}

# Until it is ended: what was there before, what begins, ends, and goes on.
run spawn -n before sleep 1000
"$top_builddir/client/tasklet-ctl" --socket "$socket" trace \
    >"$folder/trace" &
tracer=$!
until_true "the tree is read" grep -q '"before (' "$folder/trace"
run spawn -n 'short "one"' sleep 1000
until_true "its sleep in it" has_run "$folder/trace" 'short \"one\"'
sleep 0.3 # so long is what is to be seen of it
run cancel 'short "one"'
run spawn -n command -- true
run join command
run interval -n recurs --max-runs 3 0.01 fail no
run join recurs
run spawn -n goes-on sleep 1000
until_true "its sleep in it" has_run "$folder/trace" goes-on
run pause goes-on
run cancel before
until_true "the cancel in it" grep -q '"before","ended":"cancelled"' \
    "$folder/trace"
kill "$tracer"
wait "$tracer" || fail "trace: status $?"
check "$folder/trace" '
assert any(name.startswith("short \"one\" (") for name in tracks.values())
assert names("before") == ["sleeping"], names("before")
assert ended("before") == "cancelled"
assert slices["before"][0]["ts"] == 0
assert set(names("short \"one\"")) <= {"ready", "running", "sleeping"}
assert names("short \"one\"")[-1] == "sleeping"
assert ended("short \"one\"") == "cancelled"
assert slices["short \"one\""][-1]["dur"] > 250000
assert names("command")[-1] == "running"
assert ended("command") == "done"
assert slices["command"][0]["args"]["function"] == "exec"
assert names("recurs") in (["sleeping", "interval"],
    ["sleeping", "ready", "interval"]), names("recurs")
assert ended("recurs") == "done"
assert ended("goes-on") is None
failed = [event for event in events if event["name"] == "a run failed"]
assert len(failed) == 3 and {event["ph"] for event in failed} == {"i"}
assert names("goes-on")[-1] in ("sleeping", "paused")'

# For so long, to a file: which may be too short a time to hear of any task.
for duration in 0.2 2 20; do
	expect 0 '' trace -d "$duration" -o "$folder/file"
	! grep -q goes-on "$folder/file" || break
done
check "$folder/file" 'assert names("goes-on") == ["paused"]
assert 0 < slices["goes-on"][0]["dur"] < 60e6'
expect 0 '' trace --duration 0 --output "$folder/file"
check "$folder/file" 'assert slices == {}'

# Events that were missed: what there is then is read anew.
run spawn -n ends sleep 1000
"$top_builddir/client/tasklet-ctl" --socket "$socket" trace \
    -o "$folder/missed" 2>"$folder/err" &
tracer=$!
until_true "the tree is read" grep -q '"ends (' "$folder/missed"
kill -STOP "$tracer"
run spawn -n late sleep 1000
run cancel ends
"$PYTHON3" - "$socket" <<-'EOF' || fail "no tasks"
	import socket, sys
	with socket.socket(socket.AF_UNIX) as s:
	    s.connect(sys.argv[1])
	    line = (b'{"jsonrpc":"2.0","id":1,"method":"spawn","params":'
	            b'{"function":"echo"}}\n')
	    replies = s.makefile()
	    for _ in range(100):
	        s.sendall(line * 100)
	        for _ in range(100):
	            replies.readline()
EOF
run spawn -n last sleep 1000
kill -CONT "$tracer"
until_true "the last task in it" grep -q '"last (' "$folder/missed"
kill "$tracer"
wait "$tracer" || fail "trace: status $?"
grep -q 'the events [0-9]* to [0-9]* were missed' "$folder/err" ||
    fail "nothing was missed: $(cat "$folder/err")"
check "$folder/missed" 'assert {"ends", "late", "last"} <= set(slices)
assert ended("ends") is not None and ended("last") is None
assert any(event["name"] == "events were missed" for event in events)'

# The daemon goes: the file is whole all the same.
ctl trace -o "$folder/lost" 2>"$folder/err" &
tracer=$!
until_true "the tree is read" grep -q goes-on "$folder/lost"
run shutdown
wait "$tracer"
[ $? -eq 5 ] || fail "trace without a daemon: status $?"
wait "$daemon"
daemon=
check "$folder/lost" 'assert "goes-on" in slices'

# An event that is read behind a row may be of a moment before it.
"$PYTHON3" - "$folder/fake.sock" <<-'EOF' &
	import json, os, socket, sys
	with socket.socket(socket.AF_UNIX) as listener:
	    listener.bind(sys.argv[1] + ".new")
	    listener.listen()
	    os.rename(sys.argv[1] + ".new", sys.argv[1])
	    client, _ = listener.accept()
	task = {"id": 7, "name": "early", "function": "sleep", "created": 1}

	def tell(**members):
	    line = json.dumps({"jsonrpc": "2.0", **members}) + "\n"
	    client.sendall(line.encode())

	def tell_event(what, state, **more):
	    tell(method="event", params={"what": what, "time": 1.5, "task":
	                                 {**task, **more, "state": state}})

	for line in client.makefile():
	    request = json.loads(line)
	    if request["method"] == "subscribe":
	        tell(id=request["id"], result=None)
	        tell_event("created", "ready")
	    elif "task" not in request["params"]:
	        tell(id=request["id"], result={"tasks": [], "next": None})
	    else:
	        rows = [{**task, "state": "sleeping"}]
	        tell(id=request["id"], result={"tasks": rows, "next": None})
	        tell_event("started", "running", started=1.5)
	        break
EOF
fake=$!
until_true "a fake daemon" test -S "$folder/fake.sock"
run --socket "$folder/fake.sock" trace -o "$folder/early"
expect_status 5
wait "$fake" || fail "the fake daemon"
check "$folder/early" 'assert names("early") == ["ready", "sleeping", "running"]'

start_daemon
expect_error 1 '*cannot write to /dev/full*' trace -d 0.1 -o /dev/full
expect_error 1 '*cannot write to *nowhere/x*' trace -o "$folder/nowhere/x"
expect_error 2 "*--duration 'x' is not a duration*" trace -d x
exit 0
