#!/bin/sh
# The tutorial of README: each of its commands succeeds, and prints what is
# printed there. It once told people to `sleep 1h`, which is no number.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon

# shellcheck disable=SC2317 # called by what is read
lua() {
	"$top_builddir/client/lua/tasklet-lua" --socket "$socket" "$@"
}

# What is waited for goes on once the wait is there: it may not come too late.
run spawn -n held sleep 1000
run pause held
# shellcheck disable=SC2317 # called by what is read
waits() {
	ctl wait "$@" &
	waiting=$!
	until_true "the wait" is_joining
	ctl resume held >/dev/null
	wait "$waiting" && ctl pause held >/dev/null
}
left_out='taskletd|--watch|tasklet-ctl (top|events|trace)'
[ -x "$top_builddir/client/lua/tasklet-lua" ] || left_out="$left_out|tasklet-lua"

# "$ COMMAND" and "> LINE" of what it prints, without what starts the daemon
# and what goes on until Ctrl-C.
awk -v left_out="$left_out" '/^## / { inside = $0 == "## Five minutes" }
    !inside { next }
    !/^    / { open = 0; next }
    /^    \$ / { open = $0 !~ left_out; if (open) print substr($0, 5); next }
    open { print "> " substr($0, 5) }' "$top_srcdir/README.md" |
    sed "s|client/tasklet-ctl|ctl|g; s|client/lua/tasklet-lua|lua|
        s| examples/| $top_srcdir/examples/|
        s/ctl wait/waits/; s/ -n \(build-\|beat\)/ --parent held&/" \
	>"$folder/tutorial"
[ "$(grep -c 'waits\|--parent held' "$folder/tutorial")" -eq 4 ] ||
    fail "README waits for other tasks than it did"
[ "$(grep -c '^\$' "$folder/tutorial")" -gt 10 ] || fail "README has no tutorial"

compare() {
	[ ! -s "$folder/wanted" ] || diff "$folder/wanted" "$folder/out" >&2 ||
	    fail "README: $command: prints what is marked >"
	: >"$folder/wanted"
}

# Not in a pipe: what a command sets, the next one may use.
: >"$folder/wanted"
while IFS= read -r line <&3; do
	case $line in
	'>'*)
		printf '%s\n' "${line#> }" >>"$folder/wanted"
		continue
		;;
	esac
	compare
	command=${line#\$ }
	eval "$command" >"$folder/out" 2>"$folder/err" ||
	    fail "README: $command: $(cat "$folder/err")"
done 3<"$folder/tutorial"
compare
exit 0
