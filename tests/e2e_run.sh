#!/bin/sh
# run is as if the command ran here: its words as they are, its input and its
# output byte for byte, its exit status, and the signals that it gets.
# shellcheck disable=SC2016 # the commands expand these
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
# It is run from elsewhere, too.
top_builddir=$(cd "$top_builddir" && pwd) || exit 99
need_python
start_daemon

# Words are passed as they are: no shell sees them.
cat >"$folder/words" <<'END'
#!/bin/sh
printf '<%s>' "$@"
END
chmod +x "$folder/words"
bytes=$(printf 'caf\351')
expect 0 "<a b><'\"><\$HOME><*><><two
lines><-x><--><1><null>" run -- "$folder/words" 'a b' "'\"" '$HOME' '*' '' \
    'two
lines' -x -- 1 null
# shellcheck disable=SC2086 # ctl's wrapper
ctl run -- "$folder/words" "$bytes" >"$folder/out"
printf '<caf\351>' | cmp - "$folder/out" || fail "bytes that are not UTF-8"
expect 0 '<x>' run "$folder/words" x
expect 0 'sh x' run --shell 'printf %s "$0 x"'

# The exit status is the command's; 125 to 127 are as timeout(1) has them.
expect 0 '' run -- true
expect 7 '' run -- sh -c 'exit 7'
expect 137 '' run -- sh -c 'kill -KILL $$'
# Why one cannot start is told through memory that it shares, which it does not
# under valgrind.
if [ -z "${TASKLETD_WRAPPER:-}" ]; then
	expect_error 127 '*cannot start: exec *no-such*: No such file*' \
	    run -- no-such
	expect_error 126 '*: exec /etc/passwd: Permission denied' \
	    run -- /etc/passwd
	expect_error 125 '*: chdir /no-such: No such file*' run -C /no-such true
fi
expect_error 125 "tasklet-ctl: unknown option '-x'*" run -x
expect_error 124 '*run_timeout of 0.05 s*' run --run-timeout 0.05 sleep 1000
# In a folder that is gone it would run elsewhere. (Of that valgrind, which is a
# script, complains on stderr.)
gone=$(mktemp -d "$folder/XXXXXX")
(cd "$gone" && rmdir "$gone" &&
    expect_error 125 '*current folder*' run true &&
    expect_error 125 '*current folder*' run -C . true &&
    if [ -z "${TASKLET_CTL_WRAPPER:-}" ]; then
	    expect 0 '' run -C / true
    else
	    run run -C / true && expect_status 0 && expect_out ''
    fi) || exit 1
expect_error 125 '*run: an argument is missing*' run
expect_error 125 "*one argument too many: 'x': --shell*" run --shell true x
expect_error 125 '*"no"*' run --leftovers no true
expect_error 125 'tasklet-ctl: cannot read /no-such: *' run --stdin /no-such cat
expect_error 125 'tasklet-ctl: cannot read the input: *' run --stdin / cat
expect_error 124 '*timed out' run --timeout 50ms -- sleep 1000
expect 3 '' run --ok-status 0,3 -- sh -c 'exit 3'
expect 1 '' run --ok-status 3 -- true
status=0
"$top_builddir/client/tasklet-ctl" --socket "$folder/none" run true \
    2>/dev/null || status=$?
[ "$status" -eq 125 ] || fail "no daemon: status $status"

# Both streams, where they belong.
run run --shell 'echo out; echo err >&2'
expect_out out
[ "$err" = err ] || fail "$ran: stderr: $err"

# The task is named as ps names a process, unless told otherwise.
ctl list --finished --name words | grep -q "done" || fail "no task named words"
expect 0 '' run -n other true
ctl list --finished --name other | grep -q "done" || fail "no task named other"

# Input and output are exact, however long.
"$PYTHON3" -c 'import random, sys
sys.stdout.buffer.write(random.Random(1).randbytes(3000000))' >"$folder/random"
# shellcheck disable=SC2094 # both only read it
ctl run -- cat <"$folder/random" | cmp - "$folder/random" ||
    fail "cat of stdin differs"
ctl run --stdin "$folder/random" cat | cmp - "$folder/random" ||
    fail "cat of --stdin differs"
ctl run -- sh -c 'i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); echo line $i
    done' >"$folder/out"
[ "$(sort -u "$folder/out" | wc -l)" -eq 1000 ] || fail "not 1000 lines"
expect 0 '' run -- cat </dev/null
# A line comes before the input has ended: it is passed on as it comes.
mkfifo "$folder/in" "$folder/lines"
ctl run -- cat <"$folder/in" >"$folder/lines" &
runs=$!
exec 3>"$folder/in" 4<"$folder/lines"
echo first >&3
read -r line <&4
[ "$line" = first ] || fail "read $line"
exec 3>&-
wait "$runs" || fail "cat of a FIFO: status $?"
exec 4<&-

# A command that does not read its input ends all the same.
yes | ctl run -- true || fail "unread input: status $?"
yes | ctl run -- sh -c 'exec <&-; echo on' >"$folder/out" || fail "status $?"
[ "$(cat "$folder/out")" = on ] || fail "closed input"
expect 0 'still there' run -- sh -c 'exec 3>&1 >&-; sleep 0.1; echo still there >&3'
status=0
ctl run -- sh -c 'exec >&- 2>&-; sleep 0.1; exit 4' || status=$?
[ "$status" -eq 4 ] || fail "closed output: status $status"
status=0
ctl run -- cat <&- || status=$?
[ "$status" -eq 0 ] || fail "closed stdin: status $status"

# Who reads the output goes: the command gets the SIGPIPE that it would.
{ ctl run -n yes -- yes || echo $? >"$folder/status"; } | head -n 1 >/dev/null
[ "$(cat "$folder/status")" = 141 ] || fail "yes | head"
ctl join yes 2>/dev/null && fail "yes did not end"
run run -- echo full
ctl run -- echo full >/dev/full 2>"$folder/err"
[ $? -eq 125 ] || fail "/dev/full: status $?"
grep -q 'No space left' "$folder/err" || fail "/dev/full is not reported"

# signalled STATUS COUNT SIGNAL COMMAND...: signals run, that many times, once
# the command has begun, which it tells in $folder/begun.
begun=$folder/begun
export begun
signalled() {
	want=$1 count=$2 name=$3
	shift 3
	rm -f "$begun"
	ran="$name to $*"
	"$PYTHON3" -c 'import os, signal, sys
for one in signal.SIGINT, signal.SIGHUP, signal.SIGTERM:
    signal.signal(one, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' \
	    "$top_builddir/client/tasklet-ctl" --socket "$socket" run "$@" \
	    >"$folder/out" 2>"$folder/err" &
	runs=$!
	until_true "$ran: its beginning" test -e "$begun"
	kill -s "$name" "$runs"
	if [ "$count" -gt 1 ]; then
		until_true "$ran: the first" test -e "$begun.once"
		rm "$begun.once"
		kill -s "$name" "$runs"
	fi
	status=0
	wait "$runs" || status=$?
	out=$(cat "$folder/out") err=$(cat "$folder/err")
	expect_status "$want"
	[ -z "$err" ] || fail "$ran: $err"
}
for name in INT:130 TERM:143 HUP:129; do
	signalled "${name#*:}" 1 "${name%:*}" --shell \
	    ': >$begun; exec sleep 1000'
	ctl list --live --name sh | grep . && fail "$ran: it lives"
done
# The command has the last word.
signalled 9 1 INT --shell \
    'trap "echo bye; exit 9" INT; : >$begun; while :; do sleep 0.01; done'
[ "$out" = bye ] || fail "$ran: printed $out"
signalled 5 1 INT --kill-signal USR1 --shell \
    'exec 2>&-; trap "exit 5" USR1; trap "" INT; : >$begun; while :; do sleep 0.01; done'
# One that does not listen is killed by the second.
signalled 137 2 INT --grace 1h --shell \
    'trap ": >$begun.once" INT; : >$begun; while :; do sleep 0.01; done'
# And what is below it goes too.
signalled 143 1 TERM --shell 'PATH=$PATH:'"$(cd "$top_builddir/client" &&
    pwd)"'; tasklet-ctl spawn -n below -- sleep 1000 && : >$begun; exec sleep 1000'
run join below
expect_match "$err" '*was cancelled*'

# A daemon that does not answer holds nobody up: two signals are enough.
"$PYTHON3" -c 'import os, socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + ".new")
listener.listen()
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(100)' "$folder/deaf.sock" &
deaf=$!
until_true "the deaf daemon" test -S "$folder/deaf.sock"
"$top_builddir/client/tasklet-ctl" --socket "$folder/deaf.sock" run true &
runs=$!
# shellcheck disable=SC2317 # until_true runs it
is_gone() {
	kill -TERM "$runs"
	! kill -0 "$runs"
}
until_true "it is gone" is_gone
status=0
wait "$runs" || status=$?
kill "$deaf"
[ "$status" -eq 143 ] || fail "a deaf daemon: status $status"

# One that shuts down refuses the input too; what is told is the end.
"$PYTHON3" -c 'import json, os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.settimeout(100)
listener.bind(sys.argv[1] + ".new")
listener.listen()
os.rename(sys.argv[1] + ".new", sys.argv[1])
lines = listener.accept()[0].makefile("rw")
ids = {}
def reply(method, **reply):
    while method not in ids:
        request = json.loads(lines.readline())
        ids[request["method"]] = request["id"]
    print(json.dumps({"jsonrpc": "2.0", "id": ids[method], **reply}),
          file=lines, flush=True)
reply("spawn", result={"id": 5, "name": "cat"})
reply("write", error={"code": 8, "message": "the daemon is shutting down"})
reply("output", result={"data": "", "next": 0, "lost": 0})
reply("join", error={"code": 1, "message": "task 5 was cancelled",
                     "data": {"state": "cancelled", "cause": None}})
lines.readline()' "$folder/leaving.sock" &
leaving=$!
until_true "the daemon that leaves" test -S "$folder/leaving.sock"
status=0
"$top_builddir/client/tasklet-ctl" --socket "$folder/leaving.sock" \
    run cat </dev/null 2>"$folder/err" || status=$?
wait "$leaving" || fail "the daemon that leaves: status $?"
[ "$status" -eq 143 ] || fail "a daemon that leaves: status $status"
err=$(cat "$folder/err")
[ "$err" = 'tasklet-ctl: task 5 was cancelled' ] ||
    fail "a daemon that leaves: $err"

# Cancelled by another.
rm -f "$begun"
ctl run -n victim --shell ': >$begun; exec sleep 1000' 2>"$folder/err" &
runs=$!
until_true "the victim" test -e "$begun"
ctl cancel --reason 'too loud' --signal INT victim >/dev/null
status=0
wait "$runs" || status=$?
[ "$status" -eq 130 ] || fail "cancelled: status $status"
grep -q 'too loud' "$folder/err" || fail "cancelled: $(cat "$folder/err")"

# And by the daemon's end, which may come before all that there is to tell.
rm -f "$begun"
ctl run --shell ': >$begun; exec sleep 1000' 2>"$folder/err" &
runs=$!
until_true "the last" test -e "$begun"
stop_daemon || fail "stopping"
status=0
wait "$runs" || status=$?
[ "$status" -eq 143 ] || fail "shut down: status $status"
err=$(cat "$folder/err")
expect_match "$err" 'tasklet-ctl: task [0-9]* was cancelled: the daemon is shutting down'
exit 0
