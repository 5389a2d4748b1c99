#!/bin/sh
# The manual pages are well formed, and tell what the programs tell of
# themselves: each method with its params, each command, each option.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
command -v mandoc >/dev/null || skip "no mandoc"
need_python
protocol=$top_srcdir/proto/tasklet-protocol.7

# same WHAT: the two lists, of the page and of the program, say the same.
same() {
	sort -u "$folder/told" >"$folder/told.sorted"
	sort -u "$folder/page" | diff -u - "$folder/told.sorted" >&2 ||
	    fail "$1: the page has what is marked -, the program what is +"
	[ -s "$folder/told" ] || fail "$1: the program tells of none"
}

# section NAME PAGE: the lines of it, without those of the next.
section() {
	awk -v name="$1" '/^\.S[hs] / { inside = substr($0, 5) == name; next }
	    inside' "$2"
}

lint() {
	mandoc -Tlint -W warning "$1" >&2 || fail "$1 is not well formed"
}

# The parts of the OpenRPC document: discovered PYTHON-EXPRESSION...
discovered() {
	ctl call rpc.discover | "$PYTHON3" -c '
import json, sys
document = json.load(sys.stdin)
schemas = document["components"]["schemas"]
task = schemas["Task"]["properties"]
errors = document["components"]["errors"]
'"$1" >"$folder/told"
}

lint "$protocol"
start_daemon

discovered '
for method in document["methods"]:
    print(method["name"])
    for param in method["params"]:
        form = "%s %s" if param["required"] else "%s [%s]"
        print(form % (method["name"], param["name"]))'
awk '/^\.Sh / { inside = $2 == "METHODS" }
    !inside { next }
    /^\.It Ic / { print $3 }
    /^\.It Xo/ { head = 1 }
    /^\.Xc/ { head = 0 }
    head && /^\.Ic / { method = $2; print method }
    head && /^\.Fa / { print method, $2 }
    head && /^\.Op Fa / { print method, "[" $3 "]" }' "$protocol" \
    >"$folder/page"
same "methods and params"

discovered '
for name, error in errors.items():
    print(error["code"], name)'
section "ERROR CODES" "$protocol" |
    awk '/^\.It [0-9]/ { print $2, $5 }' >"$folder/page"
same "errors"

discovered 'print(*task, sep="\n")'
section "A task as JSON" "$protocol" | sed -n 's/^\.It Li //p' |
    tr -s ' ,' '\n' >"$folder/page"
same "members of a task"

discovered 'print(*task["state"]["enum"], sep="\n")'
section States "$protocol" | sed -n 's/^\.It Li //p' >"$folder/page"
same "states"
exit 0
