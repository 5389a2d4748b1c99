#!/bin/sh
# With --json every command prints JSON alone: values on stdout, a line each,
# errors on stderr.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

# Each line of $1 is JSON of that type (of Python).
check_lines() {
	printf '%s\n' "$1" | "$PYTHON3" -c '
import json, sys
for line in sys.stdin:
    value = json.loads(line)
    assert type(value).__name__ == sys.argv[1], value
' "$2" || fail "$ran: not JSON of type $2: $1"
}

# prints TYPE ARG...
prints() {
	type=$1
	shift
	run --json "$@"
	expect_status 0
	[ -z "$err" ] || fail "$ran: unexpected on stderr: $err"
	check_lines "$out" "$type"
}

prints dict spawn sleep 1000
prints int spawn -p -n long sleep 1000
prints NoneType spawn --wait sleep 0
prints list spawn --wait -n text echo a
prints list join text
prints dict join text text
prints dict join --any text long
prints NoneType sleep 0
prints dict tree
prints dict list
prints dict ps
prints dict show long
prints dict parent
prints NoneType parent 1
prints dict children 1
prints dict current
run spawn -p print hello
joined=$out
run join "$joined"
prints dict output "$joined"
expect_match "$out" '{"data":"hello\\n",*}'
prints dict log "$joined"
prints dict functions
prints dict stats
prints str ping
prints dict version
prints dict call show '{"task": 1}'
prints dict cancel long
prints dict

# fails STATUS TYPE-OF-ERROR ARG...
fails() {
	want_status=$1 type=$2
	shift 2
	run --json "$@"
	expect_status "$want_status"
	expect_out ''
	check_lines "$err" dict
	expect_match "$err" "{\"error\":{*\"type\":\"$type\"*}}"
}

fails 3 NoSuchTask join nobody
fails 2 UsageError join
fails 2 UsageError nope
fails 2 UsageError spawn echo "$(printf 'caf\351')"
fails 1 JoinError spawn --wait fail boom
fails 124 TimeoutError join --timeout 0 1
fails 2 NoSuchFunction spawn nope
fails 2 MethodNotFound call nope
run --json --socket "$folder/none" ping
expect_status 5
check_lines "$err" dict
expect_match "$err" '{"error":{*"type":"ConnectionError"*}}'

prints NoneType shutdown
wait "$daemon"
daemon=
exit 0
