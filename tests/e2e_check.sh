#!/bin/sh
# check tells what is wrong in files of tasks, as the daemon would, without one;
# reload has the daemon read them.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
tasks=$folder/tasks.d
mkdir "$tasks"

# Without a daemon. Nothing to say of what is right.
cat >"$tasks/good.jsonl" <<'EOF'
# what always runs
   
{"jsonrpc":"2.0","method":"pool","params":{"name":"builds","size":2}}
{"jsonrpc":"2.0","id":1,"method":"spawn","params":{"function":"sleep","args":[60],"name":"one","unique":true,"scope":"wait","timeout":1000,"parent":1,"options":{},"run_timeout":5.5,"pool":"builds","weight":2,"after":[1],"after_ok":1}}
{"jsonrpc":"2.0","method":"spawn","params":{"function":"sleep","args":[60],"name":"again","retry":{"times":3,"backoff":0.5,"max_backoff":9}}}
{"jsonrpc":"2.0","method":"later","params":{"function":"print","args":["é"],"seconds":60}}
{"jsonrpc":"2.0","method":"interval","params":{"function":"print","seconds":60,"immediate":true,"max_runs":3,"max_failures":2}}
{"jsonrpc":"2.0","method":"loop","params":{"function":"sleep","args":[60],"max_runs":9}}
{"jsonrpc":"2.0","method":"rate","params":{"function":"sleep","args":[60],"hertz":0.5}}
EOF
expect 0 '' check "$tasks/good.jsonl"
sed 's/$/\r/' "$tasks/good.jsonl" | head -c -1 >"$folder/crlf.jsonl"
expect 0 '' check "$folder/crlf.jsonl" "$tasks/good.jsonl"

# wrong LINE PATTERN: as the second line.
bad=$folder/bad.jsonl
wrong() {
	printf '# one\n%s\n\n' "$1" >"$bad"
	expect_error 1 "tasklet-ctl: $bad:2: $2" check "$bad"
}

# method NAME PARAMS PATTERN
method() {
	wrong "{\"jsonrpc\":\"2.0\",\"method\":\"$1\",\"params\":$2}" "$3"
}

wrong '{"jsonrpc":' 'Parse error: *'
wrong "{\"a\":1,\"a\":2}" 'Parse error: *duplicate*'
wrong "$(printf '"\351"')" 'Parse error: *decode byte 0xe9*'
wrong '[]' 'Invalid Request: a request is an object'
wrong ' # no comment' 'Parse error: *'
wrong '{"method":"spawn"}' 'Invalid Request: jsonrpc must be "2.0"'
wrong '{"jsonrpc":"2.0"}' 'Invalid Request: method must be a string*'
wrong '{"jsonrpc":"2.0","method":"spawn","id":[]}' 'Invalid Request: id must*'
wrong '{"jsonrpc":"2.0","method":"spawn","params":1}' \
    'Invalid Request: params must be an object'
wrong '{"jsonrpc":"2.0","method":"spawn"}' 'function: missing, and spawn *'
method join '{"task":1}' 'join: only interval, later, *'
method nothing '{}' 'nothing: only interval, later, *'
method spawn '[]' 'params must be an object: *'
method spawn '{}' 'function: missing, and spawn needs it'
method later '{"function":"x"}' 'seconds: missing, and later needs it'
method rate '{"function":"x"}' 'hertz: missing, and rate needs it'
method spawn '{"function":"x","color":1}' 'color: no such param of spawn, *'
method spawn '{"function":"x","seconds":1}' 'seconds: no such param of spawn, *'
method loop '{"function":"x","immediate":true}' 'immediate: no such param of *'
method pool '{"function":"x"}' 'function: no such param of pool, *'
method spawn '{"function":1}' 'function: must be a string without U+0000, not 1'
method spawn '{"function":"x","args":1}' 'args: must be an array, not 1'
method spawn '{"function":"x","options":[]}' 'options: must be an object*'
method spawn '{"function":"x","name":"12"}' 'name: must be a name: *, not "12"'
method spawn '{"function":"x","name":"a\u0000"}' 'name: must be a name: *'
method spawn '{"function":"x","parent":1.5}' 'parent: must be the id or *'
method spawn '{"function":"x","timeout":-1}' 'timeout: must be a number of *'
method spawn '{"function":"x","scope":"no"}' 'scope: must be one of *'
method spawn '{"function":"x","unique":null}' 'unique: must be true or false*'
method spawn '{"function":"x","weight":0}' \
    'weight: must be an integer from 1 to 1000000, not 0'
method spawn '{"function":"x","after":[1.5]}' 'after: must be the id or *'
method spawn '{"function":"x","retry":{}}' 'retry: must be an object of times, *'
method spawn '{"function":"x","retry":{"times":1,"more":1}}' 'retry: must be *'
method rate '{"function":"x","hertz":0}' 'hertz: must be *'
method loop '{"function":"x","max_runs":0}' 'max_runs: must be an integer*'
wrong "[\"$(printf '%01048576d' 0)\"]" 'the line is 1048580 bytes, over *'

# All that is wrong, in JSON too; a file that is not there.
printf '1\n\n2\n' >"$bad"
run check "$tasks/good.jsonl" "$bad" "$folder/no-file"
expect_status 1
expect_match "$err" "*$bad:1: *
*$bad:3: *
*$folder/no-file: No such file or directory"
run --json check "$bad"
expect_match "$err" '{"error":*"file":"*bad.jsonl","line":1}}}
{"error":*"line":3}}}'
expect_error 1 "tasklet-ctl: $folder: Is a directory" check "$folder"

# From a pipe, which is bounded as a file is.
piped() { # STATUS ERROR FILE FROM
	ran="check $3, from $4"
	status=0
	out=$(cat <"$4" | ctl check "$3" 2>"$folder/err") || status=$?
	err=$(cat "$folder/err")
	expect_status "$1"
	expect_match "$err" "$2"
}
for file in - /dev/stdin; do
	piped 0 '' "$file" "$tasks/good.jsonl"
	piped 1 "tasklet-ctl: $file:1: *
tasklet-ctl: $file:3: *" "$file" "$bad"
	piped 1 "tasklet-ctl: $file: it is over 16777216 bytes" "$file" /dev/zero
done
expect_error 2 '*an argument is missing*' check

# The daemon takes what check takes; and all that it takes check knows.
"$top_builddir/daemon/taskletd" --socket "$socket" --tasks "$tasks" \
    2>"$folder/daemon.log" &
daemon=$!
await_daemon
! grep error "$folder/daemon.log" || fail "the daemon does not take it"
expect 0 'did 0 requests' reload
"$PYTHON3" - "$socket" "$folder" <<'EOF' || fail "rpc.discover"
import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}\n')
    document = json.loads(s.makefile().readline())["result"]

EXAMPLES = {"array": [], "boolean": True, "integer": 1, "number": 1, "object": {},
            "string": "x"}
SPECIAL = {"scope": "wait", "retry": {"times": 1}, "parent": 1, "after": 1,
           "after_ok": 1}

def example(param):
    if param["name"] in SPECIAL:
        return SPECIAL[param["name"]]
    return EXAMPLES[param["schema"]["type"]]

with open(os.path.join(sys.argv[2], "all.jsonl"), "w") as good, \
        open(os.path.join(sys.argv[2], "less.jsonl"), "w") as less:
    for method in document["methods"]:
        if method["name"] not in ("interval", "later", "loop", "pool", "rate",
                                  "spawn"):
            continue
        params = {param["name"]: example(param) for param in method["params"]}
        request = {"jsonrpc": "2.0", "method": method["name"], "params": params}
        print(json.dumps(request), file=good)
        for param in method["params"]:
            if param["required"]:
                request["params"] = dict(params)
                del request["params"][param["name"]]
                print(json.dumps(request), file=less)
EOF
expect 0 '' check "$folder/all.jsonl"
run check "$folder/less.jsonl"
expect_status 1
[ "$(printf '%s\n' "$err" | grep -c ': missing, and ')" -eq \
    "$(wc -l <"$folder/less.jsonl")" ] || fail "less: $err"

# What is new is done, and what is wrong in it told.
cat >"$tasks/more.jsonl" <<'EOF'
{"jsonrpc":"2.0","method":"spawn","params":{"function":"sleep","args":[60],"name":"more"}}
{"jsonrpc":"2.0","method":"spawn","params":{"function":"no such"}}
EOF
run reload
expect_status 1
expect_out 'did 1 request'
expect_match "$err" "tasklet-ctl: $tasks/more.jsonl:2: there is no function \"no such\""
run show more
expect_status 0
rm "$tasks/more.jsonl"
run --json reload
expect_out '{"done":0,"errors":[]}'
exit 0
