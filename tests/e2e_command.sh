#!/bin/sh
# After -- all is a command, which gets this environment and folder, and the
# options that commands have; they are refused for anything else.
# shellcheck disable=SC2016 # the commands expand these
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

# ends ARG...: starts it, and waits for it; leaves $out, what it wrote.
ends() {
	run "$@"
	expect_status 0
	run join "$out"
	expect_status 0
	run log "$(ctl --json list --finished | sed -n '$s/^{"id":\([0-9]*\),.*/\1/p')"
}

# Words, in every command that starts one; the task has the command's name.
ends spawn -p -- printf '<%s>' 'a b' '$HOME' '' 1 null "$(printf '\351')"
printf '<a b><$HOME><><1><null><\351>' >"$folder/want"
ctl log printf | cmp - "$folder/want" || fail "other words: $out"
ends spawn -p exec printf '<%s>' 5 -- x
expect_out '<5><--><x>'
ends later -p 0 -- echo later
expect_out later
ends interval -p --max-runs 2 10ms -- echo again
expect_out 'again
again'
ends loop -p --max-runs 2 -- echo again
expect_out 'again
again'
ends rate -p --max-runs 2 100 -- echo again
expect_out 'again
again'
ends spawn -p --shell 'echo $((1 + 1))'
expect_out 2
ends later -p --shell 'echo $((1 + 1))' 0
expect_out 2
run show sh
expect_match "$out" '*argv *sh -c *'

# show tells of a command, as one would type it.
ends spawn -p -- true "it's" '' plain-word=1 '$x'
run show true
expect_match "$out" "*
argv *true 'it'\\\\''s' '' plain-word=1 '\$x'
cwd *$PWD
pid *[0-9]*
cpu *s user, *s system
exit_status 0*"
expect_match "$out" "*owner *"
case $out in
*args* | *leftovers*) fail "show true: $out" ;;
esac
run spawn -p -- sleep 1000
run show "$out"
expect_match "$out" '*
peak_memory *[KM]iB*'
run spawn -p --shell 'kill -USR1 $$'
ctl join "$out" 2>/dev/null
run show "$out"
expect_match "$out" '*
signal *10, USR1
*'
run spawn -p --leftovers keep --shell 'sleep 1000 & echo $!'
left=$out
ctl join "$left" >/dev/null
run show "$left"
pid=$(ctl log "$left")
kill "$pid" || fail "--leftovers keep: none is left"

# name_of ARG...: the name that the task gets.
name_of() {
	run --json spawn "$@"
	out=${out#*\"name\":\"} out=${out%\"\}}
}
name_of -- /bin/true
expect_out true
name_of -n mine -- true
expect_out mine
name_of --shell true
expect_out sh
name_of -- ./7
expect_out exec
name_of -- "$(printf './\351')"
expect_out exec
name_of -- "$(printf './a\nb')"
expect_out exec

# The environment and the folder are those of who asks.
mkdir "$folder/at"
cd "$folder/at" || exit 99
case $top_builddir in
/*) ;;
*) top_builddir=$OLDPWD/$top_builddir ;;
esac
MINE="a=b $(printf '\351')" OTHER=x
export MINE OTHER
env_and_folder='pwd; printf "%s/%s/%s\n" "$MINE" "${OTHER-none}" "$MORE"'
ends spawn -p -E MORE=more -E OTHER= --shell "$env_and_folder"
ctl log sh >"$folder/out"
printf '%s\na=b \351//more\n' "$PWD" | cmp - "$folder/out" ||
    fail "environment: $out"
ends spawn -p -E OTHER -C .. --shell "$env_and_folder"
expect_match "$out" "*${folder##*/}
a=b */none/"
ends spawn -p --clean-env -E MORE=x --shell "$env_and_folder"
expect_out "$PWD
/none/x"
TASKLET_ID=5 TASKLET_SOCKET=x ends spawn -p --shell \
    'test "$TASKLET_ID" != 5 && echo "$TASKLET_SOCKET"'
expect_out "$socket"
run --json show sh
expect_match "$out" '*"argv":*'
case $out in
*MORE* | *a=b*) fail "show tells of the environment: $out" ;;
esac

# Input, as a text, or as what write sends.
echo 'some text' >text
ends spawn -p --stdin text -- cat
expect_out 'some text'
echo 'this stdin' >text
run spawn -p --stdin - -- cat <text
expect 0 '{"exit_status":0}' join "$out"
expect 0 'this stdin' log cat
head -c 1048576 /dev/zero >large
expect_error 2 '*--stdin large is 1048576 bytes or more, too much *' \
    spawn --stdin large -- cat
expect_error 1 '*cannot read none: No such file*' spawn --stdin none -- cat

# What else commands have.
ends spawn -p --umask 027 --nice 5 --shell 'umask; nice'
expect_match "$out" '*027
5'
ends spawn -p --output out.txt -- echo in a file
[ "$(cat out.txt)" = 'in a file' ] || fail "--output out.txt"
ends spawn -p --output null -- echo nowhere
expect_out ''
ends spawn -p --ok-status 0,3 --shell 'exit 3'
run spawn -p --kill-signal USR1 --grace 1h --shell \
    'trap "exit 5" USR1; echo ready; while :; do sleep 0.01; done'
task=$out
# shellcheck disable=SC2317 # until_true runs it
is_ready() {
	ctl log "$task" | grep ready
}
until_true "the trap" is_ready
ctl cancel "$task" >/dev/null
ctl join "$task" 2>/dev/null
run --json show "$task"
expect_match "$out" '*"exit_status":5*'
run spawn -p --grace 1h --shell \
    'trap "" TERM INT; echo ready; while :; do sleep 0.01; done'
task=$out
until_true "the trap" is_ready
ctl cancel "$task" >/dev/null
ctl cancel --signal INT --grace 0 "$task" >/dev/null
ctl join "$task" 2>/dev/null
run --json show "$task"
expect_match "$out" '*"signal":{*"KILL"*'
expect_error 2 '*signal*' cancel --signal NOPE "$task"

# join of a command that failed has its exit status.
run spawn -p --shell 'exit 9'
expect_error 9 'tasklet-ctl: task * failed: exit status 9' join "$out"
expect_error 9 '*exit status 9' spawn --wait --shell 'exit 9'
run spawn -p --shell 'kill -TERM $$'
expect_error 143 '*killed by signal 15, Terminated' join "$out"

# These are for commands alone.
for option in '-C .' '-E A=1' --clean-env '--stdin -' --stdin-pipe \
    '--output null' '--ok-status 0' '--kill-signal INT' '--grace 1' \
    '--leftovers keep' '--umask 0' '--nice 1' '--memory-max 1' \
    '--cpu-weight 1' '--tasks-max 1'; do
	# shellcheck disable=SC2086 # an option and its value
	expect_error 2 '*is for commands: write -- before the command*' \
	    spawn $option sum 1 </dev/null
done
expect_error 2 '*exec: a command is missing*' spawn exec
expect_error 2 "*spawn: an argument is missing*" spawn --
expect_error 2 "*--ok-status '1,' is not a list*" spawn --ok-status 1, -- true
expect_error 2 "*--ok-status '256' is not*" spawn --ok-status 256 -- true
expect_error 2 "*--umask '8' is not octal*" spawn --umask 8 -- true
expect_error 2 "*--nice 'x' is not a whole*" spawn --nice x -- true
expect_error 2 "*-E '=x' is neither*" spawn -E =x -- true
expect_error 2 '*nice*' spawn --nice 20 -- true
exit 0
