#!/bin/sh
# The programs of the tasklet page, done with tasklet-ctl on a private daemon:
# `make demo` runs this. TASKLETD and TASKLET_CTL name the two programs, and
# TASKLET_LUA the third, where that is to be shown.
set -eu

TASKLETD=${TASKLETD:-taskletd}
ctl() { "${TASKLET_CTL:-tasklet-ctl}" "$@"; }

folder=$(mktemp -d)
export TASKLET_SOCKET="$folder/control.sock"
"$TASKLETD" --log-level error &
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

# What tasks print is theirs: it is here when they have ended.
greet() { # its ids: shows what each wrote
	for id in "$@"; do
		ctl output "$id"
	done
}

echo "--- greeting: two tasks, each greets in its own time"
hello=$(ctl spawn -p print Hello)
world=$(ctl spawn -p print World)
echo "start done."
ctl join "$hello" "$world" >/dev/null
greet "$hello" "$world"

echo "--- alternate: both greet once a second, three times"
hello=$(ctl interval -p --immediate --max-runs 3 1s print Hello)
world=$(ctl interval -p --immediate --max-runs 3 1s print World)
for round in 1 2 3; do
	seen=$((round * 6))
	for id in "$hello" "$world"; do
		# Each has written a line of six bytes more than before.
		until [ "$(ctl output "$id" | wc -c)" -ge "$seen" ]; do
			ctl sleep 20ms
		done
		ctl output "$id" | tail -n 1
	done
done
ctl join "$hello" "$world" >/dev/null

echo "--- join: wait for two sums, use their results"
t1=$(ctl spawn -p sum 10 20)
t2=$(ctl spawn -p sum 30 40)
ctl join "$t1"
ctl join "$t2"

echo "--- loop, interval, later: a second and a half of them"
loop=$(ctl loop -p --max-runs 3 print 'Hello World')
interval=$(ctl interval -p --max-runs 3 0.5 print 'Hi There!')
later=$(ctl later -p 1.5 print 'Nice to see You!')
ctl join "$loop" "$interval" "$later" >/dev/null
greet "$loop" "$interval" "$later"

echo "--- current: each connection is a task, and knows itself"
for name in current parent; do
	ctl --json "$name" | sed "s/.*\"name\":\"\([^\"]*\)\".*/$name: \1/"
done

echo "--- tree: named tasks below the one that started them"
start=$(ctl spawn -p -n start --scope cancel sleep 60)
for name in task1 task2 task3; do
	ctl spawn -p -n "$name" --parent "$start" sleep 60 >/dev/null
done
ctl tree "$start"

echo "--- paused, what is left of their sleep stands still"
ctl pause "$start"
ctl tree "$start"
ctl resume "$start"

if [ -n "${TASKLET_LUA:-}" ]; then
	lua=$(dirname "$0")
	for name in greeting join; do
		echo "--- $name.lua"
		"$TASKLET_LUA" "$lua/$name.lua"
	done
	for name in alternate recur current tree; do
		echo "--- $name.lua, for two and a half seconds"
		timeout -s INT 2.5 "$TASKLET_LUA" "$lua/$name.lua" || :
	done
fi

echo "--- one cancel ends them all"
ctl cancel "$start" >/dev/null
ctl join "$start" || echo "join of start: exit status $?"
ctl shutdown
wait "$daemon"
trap - EXIT
rm -rf "$folder"
