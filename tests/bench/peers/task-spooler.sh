#!/bin/sh
# As tasklets.lua, with task-spooler: `exec COUNT`, or `listen` for it to idle.
# It says "ready PID", as its server is no child of whom starts it.
set -eu
command -v tsp >/dev/null
TS_SOCKET=$1/spooler what=$2 count=$3
export TS_SOCKET
trap 'tsp -K; exit' TERM EXIT

server() {
	for process in /proc/[0-9]*; do
		if [ "$(cat "$process/comm")" = tsp ] &&
			tr '\0' '\n' <"$process/environ" |
			grep -qx "TS_SOCKET=$TS_SOCKET"; then
			echo "${process#/proc/}"
		fi
	done 2>/dev/null
}

tsp -S 4
echo "ready $(server)"
read -r _
if [ "$what" = exec ]; then
	i=0
	while [ $((i += 1)) -le "$count" ]; do
		tsp -n true >/dev/null
	done
	tsp -w
fi
echo "done"
read -r _
