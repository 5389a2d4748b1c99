#!/bin/sh
# list and its relatives: finished tasks too, filters, one task in full.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

run spawn -p -n alpha sleep 1000
alpha=$out
run spawn -p -n alphabet --parent alpha sleep 1000
run spawn -p -n beta sum 1
beta=$out
run join beta
run spawn -p -n gamma fail no
run join gamma

# The names that the command prints, in a line.
lists() {
	want=$1
	shift
	run "$@"
	expect_status 0
	got=$(printf '%s\n' "$out" | sed 1d | awk '{ print $1 }' | tr '\n' ' ')
	[ "$got" = "$want" ] || fail "$ran: listed $got, not $want"
}

run list
expect_match "$out" 'NAME *alpha *alphabet *beta *gamma *'
lists 'alpha alphabet ' list --name 'alpha*'
lists 'alpha alphabet ' ps --function sleep
lists 'beta ' list --state 'done'
lists 'beta gamma ' list --finished --name '*a'
lists 'alpha ' list --live --name 'a*a'
lists '' list --name nobody
lists 'alphabet ' children alpha
expect_error 2 '*asleep*' list --state asleep

run show alpha
expect_match "$out" "*id *$alpha*name *alpha*state *sleeping*"
expect_match "$out" '*args *\[1000\]*'
run show beta
expect_match "$out" "*id *$beta*state *done*result *1*"
run show gamma
expect_match "$out" '*state *failed*error *no*'
run parent alphabet
expect_match "$out" "*id *$alpha*"
run parent alpha
expect_match "$out" '*id * 1
name *taskletd*'
run parent 1
expect_status 0
expect_out ''
run current
expect_match "$out" '*name *client*'
run parent
expect_match "$out" '*name *taskletd*'
lists '' children

run functions
for function in echo fail print sleep sum; do
	expect_match "$out" "*
$function *"
done
run stats
expect_match "$out" '*tasks.live *'
run version
expect_match "$out" '*name *taskletd*'
exit 0
