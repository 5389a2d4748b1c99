#!/bin/sh
# write passes its stdin on to a command that was started with --stdin-pipe.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

run spawn -p --stdin-pipe -- cat
task=$out
echo one | ctl write cat || fail "write: status $?"
echo two | ctl write "$task" || fail "write: status $?"
expect 0 '' write cat </dev/null
printf 'th\351' | ctl write --eof cat || fail "write --eof: status $?"
expect 0 '{"exit_status":0}' join "$task"
printf 'one\ntwo\nth\351' >"$folder/want"
ctl log "$task" | cmp - "$folder/want" || fail "other bytes came"

# More than a pipe holds: it is taken as the command reads.
"$PYTHON3" -c 'import random, sys
sys.stdout.buffer.write(random.Random(2).randbytes(1000000))' >"$folder/random"
run spawn -p --stdin-pipe --output "$folder/copy" -- cat
task=$out
ctl write --eof "$task" <"$folder/random" || fail "write: status $?"
expect 0 '{"exit_status":0}' join "$task"
cmp "$folder/random" "$folder/copy" || fail "other bytes came"

# Who reads no input.
run spawn -n deaf -- sleep 1000
expect_error 2 '*reads no input*' write deaf </dev/null
run spawn -n sum sum
expect_error 2 '*reads no input*' write sum </dev/null
run spawn -p -n closed --stdin-pipe --shell 'exec <&-; echo closed; sleep 1000'
# shellcheck disable=SC2317 # until_true runs it
is_closed() {
	ctl log closed | grep closed
}
until_true "its stdin is closed" is_closed
echo x >"$folder/x"
expect_error 1 '*does not read its input any more' write closed <"$folder/x"
expect_error 3 '*no-such*' write no-such </dev/null
expect_error 1 'tasklet-ctl: cannot read stdin: *' write deaf <"$folder"
exit 0
