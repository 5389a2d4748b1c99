#!/bin/sh
# tree --watch draws the tree again and again: on a terminal in place, as much
# as fits, and the terminal is given back however it ends; elsewhere one tree
# after another.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

command="$top_builddir/client/tasklet-ctl --socket $socket"

# on_screen SIZE ARG... -- STEP...: tasklet-ctl there.
on_screen() {
	size=$1
	shift
	"$PYTHON3" "$top_srcdir/tests/on_screen.py" "$size" \
	    "$top_builddir/client/tasklet-ctl" --socket "$socket" "$@" ||
	    fail "on a screen"
}

row=' +[0-9]+ [a-z]+( [^\n]*)?'
heading='NAME +ID +STATE +WAITS FOR'
top="$heading\\ntaskletd$row"
run spawn -n a sleep 1000

# As the tree is; what goes leaves nothing behind. Ctrl-C ends it.
on_screen 10x60 tree --watch=100ms -- \
    "see:$top\\n├─a$row\\n└─client$row" \
    "run:$command spawn -n b-with-a-longer-name sleep 1000" \
    "see:$top\\n├─a$row\\n├─client$row\\n└─b-with-a-longer-name$row" \
    "run:$command cancel b-with-a-longer-name" \
    "see:$top\\n├─a$row\\n└─client$row" \
    'type:\x03' ended:-2

# What fits: a line at the bottom tells how many there are beside, and a new
# size is seen at once.
for i in 1 2 3 4 5 6 7 8; do
	run spawn -n "t$i" --parent a sleep 1000
done
on_screen 10x60 tree --watch=1h a -- \
    "see:$heading\\na$row(\\n[├└]─t[1-8]$row){8}" \
    size:9x60 \
    "see:$heading\\na$row(\\n├─t[1-6]$row){6}\\n\\.\\.\\. 2 more" \
    size:3x30 "see:$heading\\na$row\\n\\.\\.\\. 8 more" \
    size:1x80 'see:\.\.\. 9 more' \
    size:12x20 "see:NAME .*\\n└─t8.*" \
    signal:SIGTERM ended:-15
on_screen 5x60 tree --depth 0 --watch a -- "see:$heading\\na$row" \
    signal:SIGHUP ended:-1

# A tree of more than one page.
"$PYTHON3" - "$socket" <<-'EOF' || fail "no tasks"
	import socket, sys
	with socket.socket(socket.AF_UNIX) as s:
	    s.connect(sys.argv[1])
	    line = (b'{"jsonrpc":"2.0","method":"spawn","params":{"name":"many",'
	            b'"function":"sleep","args":[60],"parent":"a"}}\n')
	    s.sendall(line * 1000 + b'{"jsonrpc":"2.0","method":"ping","id":1}\n')
	    s.recv(1)
EOF
on_screen 5x60 tree a --watch -- \
    "see:$heading\\na$row\\n├─t1$row\\n├─t2$row\\n... at least 998 more" \
    'type:\x03' ended:-2
run cancel a

# Ctrl-Z gives the terminal to the shell, and fg takes it again.
# dash alone, as others draw their prompts with escapes.
! command -v dash >/dev/null ||
    "$PYTHON3" "$top_srcdir/tests/on_screen.py" 9x60 \
	env PS1='> ' ENV= dash -i -- \
	'see:>' "type:$command tree --watch=1h\\n" \
	"see:$top\\n└─client$row" \
	'type:\x1a' 'see:>.*Stopped.*>' 'type:fg\n' "see:$top\\n└─client$row" \
	'type:\x03' 'see:>.*Stopped.*>' 'type:exit 0\n' ended:0 ||
    fail "stopped"

# It ends with the daemon, and tells so.
on_screen 5x400 tree --watch=1h -- "see:$top\\n└─client$row" \
    "run:$command shutdown" ended:5 "see:tasklet-ctl: the daemon is shutting down"
wait "$daemon"
daemon=
start_daemon
on_screen 5x400 tree --watch nobody -- ended:3 "see:tasklet-ctl: .*nobody.*"

# Elsewhere, and with --json, a tree follows the other.
first_lines() {
	lines=$1
	shift
	ran=$*
	out=$(ctl "$@" | "$PYTHON3" -c '
import sys
for i in range(int(sys.argv[1])):
    print(sys.stdin.readline(), end="")
' "$lines")
}

first_lines 8 tree --watch=0.1s
expect_match "$out" 'NAME *
taskletd *
└─client *

NAME *
taskletd *
└─client *'
case $out in *"$(printf '\033')"*) fail "$ran: an escape in $out" ;; esac
first_lines 4 --json tree --watch=0.1s
expect_match "$out" '{"level":0,*
{"level":1,*
{"level":0,*
{"level":1,*'
first_lines 2 --json tree 1 --depth 0 --watch
expect_match "$out" '{"level":0,*
{"level":0,*'

expect_error 2 "*--watch '0' is under the shortest time, 0.1s*" tree --watch=0
expect_error 2 "*--watch 'x' is not a duration*" tree --watch=x
expect_error 3 '*nobody*' tree --watch nobody
exit 0
