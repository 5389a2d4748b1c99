#!/bin/sh
# What a task printed comes out byte for byte where it goes to no terminal, and
# what is gone is said to be.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

run spawn -p -n hello print hello "$(printf 'a\tb\033[31m')" 1 null '[1,2]'
run join hello
ctl output hello >"$folder/out" || fail "output: status $?"
printf 'hello a\tb\033[31m 1 null [1,2]\n' >"$folder/want"
cmp "$folder/out" "$folder/want" || fail "the output differs"

run spawn -p -n quiet sleep 60
expect 0 '' log quiet

# More than the daemon keeps: the end is there, and the loss is told.
long=$(printf '%0100000d' 7)
run spawn -p -n long print "$long" end
run join long
run output long
expect_status 0
expect_match "$out" '0*7 end'
expect_match "$err" 'tasklet-ctl: [0-9]* bytes before this are gone: *'
exit 0
