#!/bin/sh
# What is wrong with a command line is told with the value, with a hint where
# to look, before anything is sent: no daemon runs here.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"

wrong() {
	message=$1
	shift
	case $1 in
	-*) command= ;;
	*) command="$1 " ;;
	esac
	expect_error 2 "tasklet-ctl: $message
try 'tasklet-ctl $command--help'" "$@"
}

expect_error 2 "tasklet-ctl: unknown command 'nope'
try 'tasklet-ctl --help'" nope
wrong "unknown option '--nope'" --nope
wrong "unknown option '-x'" -x
wrong "option '--json=1' takes no value" --json=1 ping
wrong "option '--socket' needs a value" --socket
wrong "--color 'red' is none of auto, always and never" --color red ping

wrong "unknown option '--nope'" ping --nope
wrong "unknown option '-x'" spawn -px sum
wrong "unknown option '-x'" spawn --timeout=1 -xp sum
wrong "option '--print-id=1' takes no value" spawn --print-id=1 sum
wrong "option '-n' needs a value" spawn -n
wrong "option '--timeout' needs a value" join 1 --timeout
wrong "ping: one argument too many: 'x'" ping x
wrong "call: one argument too many: 'c'" call a b c
wrong "spawn: an argument is missing: it takes *FUNCTION*" spawn -n x
wrong "join: an argument is missing: it takes *TASK*" join
wrong "sleep: an argument is missing: it takes DURATION" sleep

wrong "DURATION '1x' is not a duration such as *" sleep 1x
wrong "DURATION '' is not a duration such as *" sleep ''
wrong "DURATION '-1' is not a duration such as *" sleep -- -1
wrong "--timeout 'inf' is not a duration such as *" spawn --timeout inf sum
wrong "--timeout '-1s' is not a duration such as *" join 1 --timeout -1s
wrong "--timeout '11575d' is over the longest duration, 1000000000 *" \
    spawn --timeout 11575d sum
wrong "later: an argument is missing: it takes *FUNCTION*" later 1s
wrong "DURATION 'sum' is not a duration such as *" interval sum 1
for hertz in x '' 1e3 . 1.2.3 -1 inf 0x1; do
	wrong "HZ '$hertz' is not a number such as 10 or 0.5" rate -- "$hertz" sum
done
wrong "--max-runs 'x' is not a whole number" loop --max-runs x sum
wrong "unknown option '--immediate'" loop --immediate sum
wrong "unknown option '--max-runs'" later --max-runs 1 1s sum
wrong "rerun: one argument too many: 'y'" rerun x y
wrong "--depth '-1' is not a whole number" tree --depth -1
wrong "the task id 9223372036854775808 is over the largest, *" \
    join 9223372036854775808
wrong "the params '{' are not JSON: *" call ping '{'

# Not UTF-8: shown as an escape.
bad=$(printf 'caf\351')
wrong "the argument 'caf\\\\xe9' is not UTF-8" spawn echo "$bad"
wrong "the function 'caf\\\\xe9' is not UTF-8" spawn "$bad"
wrong "the name 'caf\\\\xe9' is not UTF-8" spawn -n "$bad" sum
wrong "the task's name 'caf\\\\xe9' is not UTF-8" join "$bad"

long=$(printf '%0120d' 0)
run --socket "/tmp/$long" ping
expect_status 2
expect_match "$err" "tasklet-ctl: the socket's path is over 107 bytes: /tmp/0*"
exit 0
