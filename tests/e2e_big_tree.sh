#!/bin/sh
# A tree of any size is drawn: deeper than any terminal, in pages, with output
# that grows as the tree does.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

# Fewer where each costs more.
scale=1
[ -z "${TASKLETD_WRAPPER:-}" ] || scale=50
count=$((100000 / ${TASKLETD_SCALE:-$scale}))

# A chain: each the child of the one before. grow chain|siblings COUNT
grow() {
	"$PYTHON3" - "$socket" "$1" "$2" <<'PY' || fail "could not spawn them"
import json, socket, sys

path, shape, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
stream = connection.makefile("rwb")


def spawn(parent):
    params = {"function": "sleep", "args": [3600], "name": shape, "parent": parent}
    request = {"jsonrpc": "2.0", "id": 1, "method": "spawn", "params": params}
    stream.write(json.dumps(request).encode() + b"\n")
    stream.flush()
    return json.loads(stream.readline())["result"]["id"]


top = parent = spawn(1)
for _ in range(count - 1):
    child = spawn(parent)
    if shape == "chain":
        parent = child
PY
}

grow chain "$count"
ctl tree >"$folder/tree" || fail "tree: status $?"
lines=$(wc -l <"$folder/tree")
[ "$lines" -ge $((count + 2)) ] || fail "$lines lines for $count tasks"
tail -n 3 "$folder/tree" | grep -q "\[$((count - 1))\] chain" ||
    fail "the deepest does not tell its level: $(tail -n 3 "$folder/tree")"
longest=$(awk 'length > n { n = length } END { print n }' "$folder/tree")
[ "$longest" -lt 200 ] || fail "a line of $longest characters"

# 2,500 siblings take three pages; only the last of them is the last.
grow siblings 2501
ctl tree >"$folder/tree" || fail "tree: status $?"
[ "$(grep -c '│ *├─siblings\|  ├─siblings' "$folder/tree")" -eq 2499 ] ||
    fail "wrong branches before siblings"
[ "$(grep -c '└─siblings' "$folder/tree")" -eq 1 ] ||
    fail "more than one of them is the last"
[ "$(grep -c WAITS "$folder/tree")" -eq 1 ] || fail "headings again"

lines=$(ctl --json list --live | wc -l)
[ "$lines" -ge $((count + 2501)) ] || fail "list: $lines lines"
exit 0
