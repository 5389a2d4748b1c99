#!/bin/sh
# The manual pages are well formed, and tell what the programs tell of
# themselves: each method with its params, each command, each option.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
command -v mandoc >/dev/null || skip "no mandoc"
need_python
protocol=$top_srcdir/proto/tasklet-protocol.7
client=$top_srcdir/client/tasklet-ctl.1
server=$top_srcdir/daemon/taskletd.8
lua=$top_srcdir/client/lua/tasklet-lua.1

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

# The options that a --help on stdin lists, after $1.
options() {
	awk -v of="$1" '/^ +-/ {
		for (i = 1; i <= NF && $i ~ /^-/; i++) {
			sub(/,$|\[=.*/, "", $i)
			print of, $i
		}
	}'
}

# The options that mdoc on stdin lists, after $1 or the command they are of. What
# several commands have is in subsections "Options of ...".
documented() {
	awk -v of="$1" '/^\.It Ic / { of = $3; print of }
	/^\.It Xo/ { head = 1 }
	/^\.Xc/ { head = 0 }
	head && /^\.Ic / { of = $2; print of }
	/^\.Pq also Ic / { print of, "also", $4 }
	/^Its options are those of$/ { getline; base[of] = base[of] " " $2 }
	/^\.Sx Options of / { base[of] = base[of] " group-" $4 }
	/^but for$/ {
		getline
		for (i = 1; i < NF; i++)
			if ($i ~ /Fl$/)
				but[of] = but[of] " -" $(i + 1)
	}
	/^\.Ss / { of = $2 == "Options" ? "group-" $4 : "" }
	/^\.It Fl / {
		for (i = 2; i < NF; i++)
			if ($i == "Fl")
				own[of] = own[of] " -" $(i + 1)
	}
	function tell(of, from, no, list, count, i) {
		no = no " " but[from] " "
		count = split(own[from], list)
		for (i = 1; i <= count; i++)
			if (!index(no, " " list[i] " "))
				print of, list[i]
		count = split(base[from], list)
		for (i = 1; i <= count; i++)
			tell(of, list[i], no)
	}
	END {
		for (of in own)
			all[of]
		for (of in base)
			all[of]
		for (of in all)
			if (of !~ /^group-/)
				tell(of, of)
	}' >"$folder/page"
}

for page in "$protocol" "$client" "$server" "$lua"; do
	lint "$page"
done

"$top_builddir/daemon/taskletd" --help | options taskletd >"$folder/told"
section DESCRIPTION "$server" | documented taskletd
same "options of taskletd"

ctl --help >"$folder/help"
options tasklet-ctl <"$folder/help" >"$folder/told"
section DESCRIPTION "$client" | documented tasklet-ctl
same "options of tasklet-ctl"

sed -n '/^Exit status:/,$s/^ *\([0-9][0-9]*\) .*/\1/p' "$folder/help" \
    >"$folder/told"
section "EXIT STATUS" "$client" | sed -n 's/^\.It //p' >"$folder/page"
same "exit statuses"

# A command's own --help option goes without saying.
sed -n '/^Commands:/,/^$/s/^  \([a-z]\)/\1/p' "$folder/help" \
    >"$folder/commands"
while read -r command summary; do
	echo "$command"
	case $summary in
	*"(also: "*")")
		summary=${summary##*"(also: "}
		echo "$command also ${summary%")"}"
		;;
	esac
	ctl "$command" --help | options "$command"
done <"$folder/commands" | grep -v -e ' -h$' -e ' --help$' >"$folder/told"
awk '/^\.Sh / { inside = $2 == "COMMANDS" } inside' "$client" | documented -
same "commands and options of tasklet-ctl"

start_daemon

if [ -x "$top_builddir/client/lua/tasklet-lua" ]; then
	"$top_builddir/client/lua/tasklet-lua" --help >"$folder/help"
	options tasklet-lua <"$folder/help" >"$folder/told"
	section DESCRIPTION "$lua" | documented tasklet-lua
	same "options of tasklet-lua"

	sed -n '/^Exit status:/,$s/^ *\([0-9][0-9]*\) .*/\1/p' "$folder/help" \
	    >"$folder/told"
	section "EXIT STATUS" "$lua" | sed -n 's/^\.It //p' >"$folder/page"
	same "exit statuses of tasklet-lua"

	"$top_builddir/client/lua/tasklet-lua" --socket "$socket" -e '
	    for name, members in pairs {Tasklet = Tasklet, json = json,
	            Timeout = Timeout} do
	        for member in pairs(members) do print(name .. "." .. member) end
	    end
	    local me = Tasklet.current()
	    me:send(1)
	    for name, value in pairs {task = me, channel = Channel(),
	            message = Tasklet.receive()} do
	        for _, member in ipairs {"parent", "children", "tree", "cancel",
	                "join", "send", "call", "receive", "reply"} do
	            if value[member] then print(name .. ":" .. member) end
	        end
	    end
	    assert(Local())
	    print("Channel\nLocal")' >"$folder/told"
	sed -n 's/^\.It F\{0,1\}[nV]a\{0,1\} \([^ ]*\).*/\1/p' "$lua" |
	    grep -v '^\(task\|message\|channel\)\.' >"$folder/page"
	same "functions of tasklet-lua"
fi

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
