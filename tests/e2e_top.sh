#!/bin/sh
# top in a terminal: it shows what comes and goes, takes keys, follows the
# terminal's size, and gives it back however it ends.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
command -v tmux >/dev/null || skip "no tmux"
need_python
start_daemon

# A server of our own, whose shell is in a pane of 80 times 12.
pane() {
	env -u TMUX tmux -S "$folder/tmux" -f /dev/null "$@"
}

# shellcheck disable=SC2317 # by the trap
finish_top() {
	result=$?
	pane kill-server 2>/dev/null
	(exit "$result")
	finish
}
trap finish_top EXIT

# see REGEX: within a minute the pane's lines, with spaces squeezed, are that.
see() {
	wanted=$1 tries=600
	until is_seen; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "not seen: $1
$(screen)"
		sleep 0.1
	done
}

screen() {
	pane capture-pane -p | sed 's/  */ /g; s/ $//'
}

is_seen() {
	screen | "$PYTHON3" -c '
import re, sys
text = sys.stdin.read().rstrip("\n")
sys.exit(not re.fullmatch(sys.argv[1], text, re.S))' "$wanted"
}

keys() {
	pane send-keys "$@"
}

help_line='q quit arrows move s, S sort c cancel p pause r resume Enter output'
headings='NAME ID\+ STATE AGE CPU% WAITS FOR'

run spawn -p -n first sleep 600
first=$out
run spawn -p -n second sleep 500
second=$out
env PS1='$ ' ENV='' LC_ALL=C.UTF-8 TERM=xterm \
    tmux -S "$folder/tmux" -f /dev/null new-session -d -x 80 -y 12 sh ||
    fail "no tmux session"
keys "stty -a >$folder/before; $top_builddir/client/tasklet-ctl" \
    " --socket $socket top" Enter

# What there is; then what comes and goes, by itself.
row="[0-9.]+s? [0-9smh ]+left"
see "2 tasks
$headings
first $first sleeping $row
second $second sleeping $row
+$help_line"
run spawn -p -n 'third é' -- sleep 600
third=$out
see "3 tasks
.*
third é $third running [0-9.]+s 0
+$help_line"
run cancel second
see "2 tasks
$headings
first $first sleeping $row
third é $third running .*"
run pause third\ é
see ".*third é $third paused [0-9.]+s 0 resume for .*"

# Sorted by each column, and the other way round.
keys s
see ".*NAME ID STATE\+ AGE.*"
keys s
see ".* STATE AGE\+ CPU%.*"
keys s
see ".* AGE CPU%\+ WAITS FOR
third .*
first .*"
keys s
see ".*NAME\+ ID .*
first .*
third .*"
keys S
see ".*NAME- ID .*
third .*
first .*"
keys s S
see ".*
$headings
first .*
third .*"

# The keys act on the chosen one: the first, until another is chosen.
keys g p
see ".*first $first paused .*
third .*
paused 1 task"
keys r
see ".*first $first sleeping .*
resumed 1 task"
keys Down c
see ".*cancel\? y or n: task $third \(third é\) and all that is below it"
keys n
see ".*third .*$help_line"
keys c
see ".*cancel\? y .*"
keys y
see "1 task
$headings
first .*
+cancelled 1 task"
keys c x
see ".*first .*$help_line"

# The output of a task, as it comes; what it writes is only text.
run spawn -p -n talks --stdin-pipe -- cat
printf 'one\n\ttwo \033[31m\n' | ctl write talks
until_true "its output" sh -c "'$top_builddir/client/tasklet-ctl' \
    --socket '$socket' log talks | grep -q two"
see "2 tasks
.*talks .*"
keys G Enter
see "talks \([0-9]+\)
one
 two \\\\u001b\[31m
+q back .*\(following\)"
printf '%s\n' 1 2 3 4 5 6 7 8 9 | ctl write talks
see "talks .*
 two .*
1
2
3
4
5
6
7
8
9
q back .*\(following\)"
keys g
see "talks .*
one
.*8
q back .*G follows\)"
echo 10 | ctl write --eof talks
see "talks .*
one
.*\(it has ended\)"
keys G
see "talks .*
1
.*10
q back .*"
keys q
see "1 task
.*"

# It has the size that the terminal has, and shows the chosen task.
for i in 1 2 3 4 5 6 7 8; do
	run spawn -p -n "n$i" --parent first sleep 600
done
see "9 tasks
.*n8 .*"
pane resize-window -x 60 -y 6
see "9 tasks
NAME.*
first .*
n1 .*
n2 .*
q quit .*"
keys End
see "9 tasks
NAME.*
n6 .*
n7 .*
n8 .*
q quit .*"
keys PageUp
see "9 tasks
NAME.*
n5 .*q quit .*"
pane resize-window -x 30 -y 2
see "9 tasks
q quit .*"
pane resize-window -x 80 -y 12
see "9 tasks
.*
first .*n8 .*$help_line"

# Ctrl-Z and fg; then the ways that end it, each of which leaves the terminal
# as it was.
given_back() {
	see ".*\n[#$]"
	keys 'echo status $?' Enter
	see ".*\nstatus $1\n[#$]"
	[ "$(pane display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ] ||
	    fail "$1: the terminal is not given back"
	keys "clear; stty -a | diff $folder/before - && echo same" Enter
	see "same
[#$]"
}

again() {
	keys "clear; $top_builddir/client/tasklet-ctl --socket $socket top" Enter
	see "9 tasks
.*"
}

keys C-z
see '.*Stopped.*[#$]'
keys fg Enter
see "9 tasks
.*$help_line"
keys End
see ".*n8 .*"
keys q
given_back 0
again
keys C-c
given_back 130
for signal in HUP TERM QUIT; do
	again
	shell=$(pane display -p '#{pane_pid}')
	read -r top <"/proc/$shell/task/$shell/children"
	kill "-$signal" "$top"
	case $signal in
	HUP) given_back 129 ;;
	TERM) given_back 143 ;;
	QUIT) given_back 131 ;;
	esac
done
again
run shutdown
wait "$daemon"
daemon=
see ".*tasklet-ctl: the daemon is shutting down.*"
given_back 5

start_daemon
expect_error 1 '*this needs a terminal*' top
expect_error 2 '*top: one argument too many*' top 1
exit 0
