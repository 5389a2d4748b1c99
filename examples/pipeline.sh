#!/bin/sh
# The most frequent words of a text, in stages: two sort a half each at the same
# time, the last one merges them. Where a stage fails, those after it are
# cancelled. pipeline.sh TEXT
# shellcheck disable=SC2016 # a script of its own expands these
ctl=${TASKLET_CTL:-tasklet-ctl}
text=${1:?which text? pipeline.sh TEXT}
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT

stage() { # NAME SCRIPT [OPTION...]: prints its id; $1 is the text
	name=$1 script=$2
	shift 2
	"$ctl" spawn -p -n "$name" -C "$folder" "$@" -- \
	    sh -ec "$script" "$name" "$text"
}
case $text in
/*) ;;
*) text=$PWD/$text ;;
esac
words=$(stage words 'tr -cs "[:alpha:]" "\n" <"$1" >words; split -n r/2 words')
a=$(stage sort-a 'sort -o xaa xaa' --after-ok "$words")
b=$(stage sort-b 'sort -o xab xab' --after-ok "$words")
count=$(stage count 'sort -m xaa xab | uniq -c | sort -rnk 1,1 -k 2 | head -n 3' \
    --after-ok "$a" --after-ok "$b")

"$ctl" join "$count" >/dev/null
status=$?
"$ctl" log "$count"
exit "$status"
