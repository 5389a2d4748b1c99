#!/bin/sh
# What a task printed comes out byte for byte where it goes to no terminal, all
# of it, the last lines, or as it comes; what is gone is said to be.
# shellcheck disable=SC2016 # the commands expand these
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

run spawn -p -n hello print hello "$(printf 'a\tb\033[31m')" 1 null '[1,2]'
run join hello
ctl log hello >"$folder/out" || fail "log: status $?"
printf 'hello a\tb\033[31m 1 null [1,2]\n' >"$folder/want"
cmp "$folder/out" "$folder/want" || fail "the output differs"

run spawn -p -n quiet sleep 1000
expect 0 '' log quiet
expect 0 '' output quiet

# More than the daemon keeps: the end is there, and the loss is told.
long=$(printf '%0100000d' 7)
run spawn -p -n long print "$long" end
run join long
run log long
expect_status 0
expect_match "$out" '0*7 end'
expect_match "$err" 'tasklet-ctl: [0-9]* bytes before this are gone: *'
run log -f long
expect_match "$out" '0*7 end'
expect_match "$err" 'tasklet-ctl: [0-9]* bytes before this are gone: *'
expect 0 '' log -n 0 long

# What is lost to a follower that does not read meanwhile is a failure.
mkfifo "$folder/go" "$folder/seen"
misses() { # what is told of it: option...
	told=$1
	shift
	run spawn -p -n chatty --shell \
	    "echo begun; read x <$folder/go; seq 3000000"
	ctl "$@" log -f chatty >"$folder/seen" 2>"$folder/told" &
	follower=$!
	exec 3<"$folder/seen"
	read -r line <&3
	case $line in *begun*) ;; *) fail "it began with $line" ;; esac
	echo >"$folder/go"
	run join chatty
	cat <&3 >"$folder/rest"
	exec 3<&-
	status=0
	wait "$follower" || status=$?
	[ "$status" -eq 1 ] || fail "$* log missed some: $status"
	grep -q "$told" "$folder/told" "$folder/rest" || fail "it was not told"
	run forget chatty
}
misses 'bytes before this are gone'
misses '"lost":[1-9]' --json

# One of the streams, or both in their order.
run spawn -p -n both --shell 'echo 1; echo 2 >&2; echo 3; printf 4 >&2'
run join both
expect 0 '1
2
3
4' log both
expect 0 '1
3' log --stdout both
expect 0 '2
4' log --stderr both

# The last lines, of which the last may be cut.
expect 0 '3
4' log -n 2 both
expect 0 '3' log --stdout -n 1 both
expect 0 '1
3' log --stdout --lines 5 both
expect 0 '' log -n0 both
expect 0 '{"data":"3\n4","next":7,"lost":0}' --json log -n 2 both
expect 0 '{"data":"4","next":7,"lost":0}' --json log -n 1 --stderr both
# Bytes of any kind; on a terminal they are made safe, and no character is cut.
run spawn -p -n bytes --shell 'printf "\303\251\351\033"'
run join bytes
printf '\303\251\351\033' >"$folder/want"
for follow in '' -f; do
	# shellcheck disable=SC2086 # an option or none
	ctl log $follow bytes | cmp - "$folder/want" || fail "log $follow: bytes"
	# shellcheck disable=SC2086
	"$PYTHON3" "$top_srcdir/tests/on_terminal.py" 80 \
	    "$top_builddir/client/tasklet-ctl" --socket "$socket" \
	    log $follow bytes >"$folder/out"
	printf 'é\357\277\275\\u001b' | cmp - "$folder/out" ||
	    fail "log $follow: on a terminal"
done

# As it comes, until the end.
run spawn -p -n talks --stdin-pipe --shell 'echo begun; cat; echo over >&2'
mkfifo "$folder/lines"
ctl log -f -n 10 talks >"$folder/lines" &
follows=$!
exec 3<"$folder/lines"
read -r line <&3
[ "$line" = begun ] || fail "read $line"
echo more | ctl write talks
read -r line <&3
[ "$line" = more ] || fail "read $line"
ctl write --eof talks </dev/null
read -r line <&3
[ "$line" = over ] || fail "read $line"
wait "$follows" || fail "log -f: status $?"
exec 3<&-
expect 0 'begun
more
over' log -f talks
expect 0 'over' log -f --stderr talks
expect 0 'more
over' log -f -n 2 talks
run --json log -f talks
expect_match "$out" '{"task":*,"stream":"stdout","data":"begun\\nmore\\n","next":11}
{"task":*,"stream":"stderr","data":"over\\n","next":16}'

# A task that writes without end: what is there is printed, and then an end.
run spawn -p -n endless -- yes
# shellcheck disable=SC2317 # until_true runs it
is_full() {
	[ "$(ctl log endless 2>/dev/null | wc -c)" -ge 65536 ]
}
until_true "64 KiB of it" is_full
run log -n 1 endless
expect_out y
ctl log -f endless 2>/dev/null | head -c 1000000 | sort -u >"$folder/out"
[ "$(head -n 1 "$folder/out")" = y ] || fail "log -f endless"
expect_error 3 '*no-such*' log no-such
expect_error 2 "*--lines 'x' is not*" log -n x both
exit 0
