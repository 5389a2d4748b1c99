#!/bin/sh
# The daemon is not trusted either: whatever comes instead of a reply is an
# error with a message and no crash.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python

fake=
stop_fake() {
	[ -z "$fake" ] || { kill "$fake" && wait "$fake"; } 2>/dev/null
	rm -f "$socket"
}
trap 'result=$?; stop_fake; (exit "$result"); finish' EXIT

# answers_with LINE STATUS PATTERN ARG...
answers_with() {
	line=$1 want_status=$2 pattern=$3
	shift 3
	"$PYTHON3" "$top_srcdir/tests/fake_daemon.py" "$socket" "$line" &
	fake=$!
	until_true "the fake's socket" test -S "$socket"
	run "$@"
	ran="$ran, answered with $line"
	expect_status "$want_status"
	expect_match "$err" "$pattern"
	stop_fake
	fake=
}

result() {
	value=$1
	shift
	answers_with '{"jsonrpc":"2.0","id":1,"result":'"$value"'}\n' "$@"
}

no_reply='tasklet-ctl: what answers at * is no taskletd *'
answers_with '' 5 'tasklet-ctl: lost the connection to *' ping
answers_with '{"jsonrpc":"2.0"' 5 'tasklet-ctl: lost the connection to *' ping
answers_with 'HTTP/1.1 400 Bad Request\r\n\r\n' 5 "$no_reply" ping
answers_with '\x00\xff\n' 5 "$no_reply" ping
answers_with '[]\n' 5 "$no_reply" ping
answers_with '{"jsonrpc":"2.0","id":1}\n' 5 "$no_reply" ping
answers_with '{"jsonrpc":"2.0","id":2,"result":1}\n' 5 "$no_reply" ping
answers_with '{"jsonrpc":"2.0","id":"1","result":1}\n' 5 "$no_reply" ping
answers_with '{"jsonrpc":"2.0","id":null,"result":1}\n' 5 "$no_reply" ping
answers_with '{"jsonrpc":"2.0","id":1,"error":1}\n' 5 "$no_reply" ping
answers_with '{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":1}}\n' \
    5 "$no_reply" ping

# Errors as they come: unknown codes, escapes, ids of any kind.
error='{"jsonrpc":"2.0","id":1,"error":'
answers_with "$error"'{"code":99,"message":"m\\u001b"}}\n' \
    1 'tasklet-ctl: m\\u001b' ping
answers_with "$error"'{"code":4,"message":"m","data":{"ids":"x"}}}\n' \
    3 'tasklet-ctl: m' ping
answers_with "$error"'{"code":5,"message":"m","data":[]}}\n' \
    4 'tasklet-ctl: m' ping
answers_with '{"jsonrpc":"2.0","id":null,"error":{"code":6,"message":"m"}}\n' \
    1 'tasklet-ctl: m' ping

# Results of another shape.
result '{}' 5 "$no_reply" spawn sum
result '{"id":"7","name":1}' 5 "$no_reply" spawn sum
result '{}' 5 "$no_reply" tree
result '{"tasks":[]}' 5 "$no_reply" tree
result '{"tasks":{},"next":null}' 5 "$no_reply" list
result '{}' 5 "$no_reply" join 1 2
result '[1]' 5 "$no_reply" join 1 2
result '[{"task":1,"state":"done"}]' 5 "$no_reply" join 1 2
result 'null' 5 "$no_reply" join --any 1 2
result '[]' 5 "$no_reply" show 1
result '1' 5 "$no_reply" stats
result '{}' 5 "$no_reply" cancel 1
result '{}' 5 "$no_reply" wait x
result '{"tasks":[{}],"next":null}' 5 "$no_reply" wait x
result '{}' 5 "$no_reply" pause 1
result '{"count":1,"paused":1}' 5 "$no_reply" pause 1
result '{"count":"x","resumed":[]}' 5 "$no_reply" resume 1
result '{}' 5 "$no_reply" children
result '{}' 5 "$no_reply" functions
result '{"data":1}' 5 "$no_reply" output 1

# What wait may hear of a task between its list and its join.
listed='{"jsonrpc":"2.0","id":1,"result":{"tasks":[{"id":7,"name":"x","function":"f","owner":{"uid":0}},'
listed="$listed"'{"id":8,"name":"x","function":"f","owner":{"uid":0}}],"next":null}}\n'
second='{"jsonrpc":"2.0","id":2,'
third='{"jsonrpc":"2.0","id":3,"result":1}\n'
gone='"error":{"code":3,"message":"gone"}}\n'
answers_with "$listed$third$second$gone" 1 \
    'tasklet-ctl: task 7 ended and was let go: how it ended is unknown' wait x
expect_out '2 tasks ended: 1 done, 1 unknown'
answers_with "$listed$third$second$gone" 1 '' --json wait x
expect_out '{"task":8,"state":"done","result":1}
{"task":7,"state":"unknown","error":{"code":3,"message":"gone"}}'
answers_with "$listed$second"'"error":{"code":5,"message":"not yours"}}\n' 4 \
    'tasklet-ctl: not yours' wait x
answers_with "$listed$second"'"error":{"code":1,"message":"m"}}\n' 1 \
    'tasklet-ctl: m' wait x
answers_with "$listed"'{"jsonrpc":"2.0","id":9,"result":1}\n' 5 "$no_reply" \
    wait x

# Strange values in the right places are shown as well as may be.
rows='[1,{},{"level":-1,"id":"x","name":[],"state":{},"children":"y"},'
rows="$rows"'{"level":1e9,"name":"\\u001b[31mX","wait":{"for":{},"until":[]}}]'
result '{"tasks":'"$rows"',"next":null}' 0 '' tree
expect_match "$out" '*\\u001b\[31mX*'
result '{"tasks":'"$rows"',"next":null}' 0 '' list
result '{"owner":1,"created":"x","wait":[],"error":{},"timeout":null}' \
    0 '' show 1
result '[1,{"arguments":[1,{"type":{}}]}]' 0 '' functions
exit 0
