#!/bin/sh
# The programs of the tasklet page, done with tasklet-ctl on a private daemon:
# `make demo` runs this. TASKLETD and TASKLET_CTL name the two programs.
set -eu

TASKLETD=${TASKLETD:-taskletd}
ctl() { "${TASKLET_CTL:-tasklet-ctl}" "$@"; }

folder=$(mktemp -d)
export TASKLET_SOCKET="$folder/control.sock"
"$TASKLETD" --log-level warning &
daemon=$!
trap 'kill "$daemon" 2>/dev/null; wait "$daemon" || :; rm -rf "$folder"' EXIT

tries=0
until ctl ping >/dev/null 2>&1; do
	tries=$((tries + 1))
	if [ "$tries" -gt 500 ]; then
		echo "demo: taskletd did not start" >&2
		exit 1
	fi
	sleep 0.01
done

echo "--- hello: two tasks, each greets in its own time"
hello=$(ctl spawn -p print Hello)
world=$(ctl spawn -p print World)
echo "start done."
ctl join "$hello" "$world" >/dev/null
ctl output "$hello"
ctl output "$world"

echo "--- join: wait for two sums, use their results"
t1=$(ctl spawn -p sum 10 20)
t2=$(ctl spawn -p sum 30 40)
ctl join "$t1"
ctl join "$t2"

echo "--- tree: named tasks below the one that started them"
start=$(ctl spawn -p -n start --scope cancel sleep 60)
for name in task1 task2 task3; do
	ctl spawn -p -n "$name" --parent "$start" sleep 60 >/dev/null
done
ctl tree "$start"

echo "--- one cancel ends them all"
ctl cancel "$start" >/dev/null
ctl join "$start" || echo "join of start: exit status $?"
ctl shutdown
wait "$daemon"
trap - EXIT
rm -rf "$folder"
