#!/bin/sh
# Compresses every file of a folder, so many at a time, waits for all, and tells
# of those that failed what they printed: fanout.sh FOLDER [N]
ctl=${TASKLET_CTL:-tasklet-ctl}
folder=${1:?which folder? fanout.sh FOLDER [N]} pool=fanout-$$

"$ctl" pool "$pool" "${2:-4}" >/dev/null || exit
set --
for file in "$folder"/*; do
	id=$("$ctl" spawn -p --pool "$pool" -- gzip -- "$file") || exit
	set -- "$@" "$id"
done

failed=0
for id in "$@"; do
	"$ctl" join "$id" >/dev/null && continue
	"$ctl" log "$id" >&2
	failed=$((failed + 1))
done
echo "$# files, $failed failed"
[ "$failed" -eq 0 ]
