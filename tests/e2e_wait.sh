#!/bin/sh
# wait ends when all tasks of a name pattern have, and tells how; on a terminal
# a line counts them meanwhile.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

# held ARG...: starts a task that goes on only when wait has joined it.
run spawn -n hold sleep 3600
run pause hold
held() {
	method=$1
	shift
	run "$method" -p --parent hold "$@"
	expect_status 0
}

# How many requests the daemon has read.
requests() {
	ctl --json stats | sed 's/.*"requests":\([0-9]*\).*/\1/'
}

# Whether so many requests are read, the last of them joins that wait, which the
# daemon may take a while to do.
joins=1
# shellcheck disable=SC2317 # until_true runs it
are_joining() {
	is_joining && [ "$(requests)" -ge "$joins" ]
}

# waits COMMAND...: runs it, lets them go when it waits; leaves what run does.
waits() {
	ran=$*
	status=0
	"$@" >"$folder/out" 2>"$folder/err" &
	waiting=$!
	until_true "the joins" are_joining
	ctl resume hold >/dev/null
	wait "$waiting" || status=$?
	ctl pause hold >/dev/null
	out=$(cat "$folder/out")
	err=$(cat "$folder/err")
}

expect_error 3 "tasklet-ctl: no task has a name that matches 'x\\*'" \
    wait 'x*'

# Each task that is named so, and no other.
held spawn -n x-1 sleep 0.02
held spawn -n x-2 sleep 0
held later -n x-3 10ms sum 1
run spawn -n y sleep 1000
waits ctl wait 'x-*'
expect_status 0
expect_out '3 tasks ended: 3 done'
[ -z "$err" ] || fail "$ran: $err"

# Of a name of which none lives, the one that finished last counts.
expect 0 '3 tasks ended: 3 done' wait 'x-*'
held spawn -n x-1 sum
held spawn -n x-1 fail once
waits ctl wait x-1
expect_status 1
expect_out '2 tasks ended: 1 done, 1 failed'
run spawn -p -n x-1 sum
last=$out
run join "$last"
expect 0 "{\"task\":$last,\"state\":\"done\",\"result\":0}" \
    --json wait x-1
run spawn -n x-4 --wait fail boom
run wait 'x-[34]'
expect_status 1
expect_out '2 tasks ended: 1 done, 1 failed'
expect_match "$err" 'tasklet-ctl: task [0-9]* failed: boom'
held spawn -n x-4 sum
waits ctl wait 'x-[34]'
expect_status 0
expect_out '2 tasks ended: 2 done'
for task in x-1 x-1 x-1 x-1; do expect 0 'forgot 1 task' forget "$task"; done
expect_error 3 "*'x-1'" wait x-1

# 1 where any did not end done.
held spawn -n one --timeout 60ms sleep 1000
held later -n two 10ms fail boom
held later -n three 0 sum 1
waits ctl wait '[ot]*'
expect_status 1
expect_out '3 tasks ended: 1 done, 1 failed, 1 timeout'
# A daemon that comes late to both may end either first.
expect_match "$err" '*tasklet-ctl: task [0-9]* failed: boom*'
expect_match "$err" '*tasklet-ctl: task [0-9]* timed out*'

# The time given ran out; the tasks are left alone.
run spawn -p -n z sleep 1000
slow=$out
run spawn -p -n z sleep 1000
expect_error 124 'tasklet-ctl: the time ran out: 2 of 2 tasks have not ended' \
    wait --timeout 50ms z
expect_error 124 '*: 2 of 2 tasks have not ended' wait z --timeout 0
run --json show "$slow"
expect_match "$out" '*"state":"sleeping"*'

# Not for the daemon, nor for clients: such as the one that waits.
held spawn -n taskletd sum
held spawn -n client sum
waits ctl wait '[tc][al]*'
expect_status 0
expect_out '2 tasks ended: 2 done'

# In JSON, a line for each, in the order of their ends.
held later -n j 30ms fail boom
failing=$out
held later -n j 0 sum 1 2
summed=$out
waits ctl --json wait j
expect_status 1
expect_match "$out" "{\"task\":$summed,\"state\":\"done\",\"result\":3}
{\"task\":$failing,\"state\":\"failed\",\"error\":{*boom*}}"
[ -z "$err" ] || fail "$ran: $err"
run --json wait nobody
expect_status 3
expect_match "$err" '{"error":{*"type":"NoSuchTask"*}}'
run --json wait --timeout 0 z
expect_status 124
expect_match "$err" '{"error":{*"type":"TimeoutError"*}}'

# More tasks than a page holds.
need_python
count=$((20000 / ${TASKLETD_SCALE:-1}))
"$PYTHON3" - "$socket" "$count" <<-'EOF' || fail "no tasks"
	import socket, sys
	with socket.socket(socket.AF_UNIX) as s:
	    s.connect(sys.argv[1])
	    line = (b'{"jsonrpc":"2.0","method":"spawn","params":{"name":"many",'
	            b'"function":"sum","args":[1],"parent":"hold"}}\n')
	    s.sendall(line * int(sys.argv[2]))
	    s.sendall(b'{"jsonrpc":"2.0","method":"ping","id":1}\n')
	    s.recv(1)
EOF
joins=$((count + $(requests)))
waits ctl wait many
joins=1
expect_status 0
expect_out "$count tasks ended: $count done"

# A line of progress, gone before anything else is printed.
esc=$(printf '\033')
cr=$(printf '\r')
# shellcheck disable=SC2317 # waits runs it
on_tty() {
	columns=$1
	shift
	"$PYTHON3" "$top_srcdir/tests/on_terminal.py" "$columns" \
	    "$top_builddir/client/tasklet-ctl" --socket "$socket" "$@"
}
held later -n p 0 sum
held later -n p 100ms fail boom
failing=$out
waits on_tty 80 wait p
expect_status 1
expect_match "$out" "${cr}0 of 2 tasks ended$esc\[K*$cr$esc\[Ktasklet-ctl: \
task $failing failed: boom
2 tasks ended: 1 done, 1 failed"
held spawn -n p sum
waits on_tty 12 wait p
expect_match "$out" "${cr}0 of 1 task${esc}\[K*${cr}${esc}\[K1 task ended: 1 done"
held spawn -n p sleep 1000
held spawn -n p sum
on_tty 80 wait p >"$folder/out" &
waiting=$!
until_true "2 paused" grep -q 'ended; 2 paused' "$folder/out"
ctl resume hold >/dev/null
until_true "1 sleeping" grep -q '1 of 2 tasks ended: 1 done; 1 sleeping' \
    "$folder/out"
ctl cancel p >/dev/null
ctl pause hold >/dev/null
wait "$waiting"
out=$(cat "$folder/out")
expect_match "$out" "*2 tasks ended: 1 done, 1 cancelled"
held spawn -n p sum
waits on_tty 80 --json wait p
expect_match "$out" '{"task":[0-9]*,"state":"done","result":0}'
exit 0
