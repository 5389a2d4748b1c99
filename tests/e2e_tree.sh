#!/bin/sh
# The tree as it is drawn: who is whose child, ids and states, in the
# characters that the locale has.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

run spawn -p -n build sleep 1000
build=$out
run spawn -p -n compile --parent build sleep 1000
run spawn -p -n "link" --parent build sleep 1000
run spawn -p -n strip --parent "link" sleep 1000
run spawn -p -n last sleep 1000

# Names and branches alone: ids and times vary.
names() {
	run "$@"
	expect_status 0
	[ -z "$err" ] || fail "$ran: $err"
	out=$(printf '%s\n' "$out" |
	    sed 's/  *[0-9]* \(running\|sleeping\|waiting\) .*//; 1s/ .*//')
}

names tree
expect_out 'NAME
taskletd
├─build
│ ├─compile
│ └─link
│   └─strip
├─last
└─client'
names
expect_match "$out" 'NAME
taskletd*'

LC_ALL=C names tree
expect_out 'NAME
taskletd
|-build
| |-compile
| `-link
|   `-strip
|-last
`-client'

# Below one task, and not so deep.
names tree build
expect_out 'NAME
build
├─compile
└─link
  └─strip'
names tree --depth 1 build
expect_out 'NAME
build
├─compile
└─link'

# Aligned; what a task waits for, and how long.
run tree build
expect_match "$out" "NAME * ID STATE    WAITS FOR
build *$build sleeping * left
*"
ctl join strip last 2>/dev/null &
joiner=$!
until_true "a join in the tree" is_joining
run tree
expect_match "$out" '*client * waiting  join [0-9]* [0-9]* for *s
*'
expect 0 'cancelled 4 tasks' cancel build
expect 0 'cancelled 1 task' cancel last
wait "$joiner"
[ $? -eq 1 ] || fail "the join of what was cancelled did not exit 1"
exit 0
