#!/bin/sh
# The tree of the tasklet page: named tasks below this one, drawn each second
# until they have ended. Run it as a task: tasklet-ctl run -- ./tree.sh
# shellcheck disable=SC2016 # a script of its own expands these
ctl=${TASKLET_CTL:-tasklet-ctl}
: "${TASKLET_ID:?run it as a task: tasklet-ctl run -- $0}"

spawn() { # NAME MESSAGE
	"$ctl" spawn -p -n "$1" -- sh -c 'echo "$1"; sleep 2; echo done' sh "$2"
}
task1=$(spawn task1 Hello)
task2=$(spawn task2 World)
task3=$(spawn task3 'Hi There')

for _ in 1 2 3; do
	"$ctl" tree "$TASKLET_ID"
	sleep 1
done
for task in "$task1" "$task2" "$task3"; do
	"$ctl" log -f "$task"
done
