#!/bin/sh
# tree --format dot is a graph that Graphviz reads: who is whose child, with
# names that are only text there.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

run spawn -p -n top sleep 1000
top=$out
run spawn -p -n 'a "quoted" \N & <b> name' --parent "$top" sleep 1000
quoted=$out
run spawn -p -n plain --parent "$quoted" sleep 1000
plain=$out
graph="digraph tasklet {
	rankdir=LR;
	node [shape=box];
	$top [label=\"top\\n$top sleeping\"];
	$quoted [label=\"a \\\"quoted\\\" \\\\N &amp; <b> name\\n$quoted sleeping\"];
	$top -> $quoted;
	$plain [label=\"plain\\n$plain sleeping\"];
	$quoted -> $plain;
}"
expect 0 "$graph" tree --format dot top
expect 0 "$graph" tree --format=dot top
expect 0 "digraph tasklet {
	rankdir=LR;
	node [shape=box];
	$top [label=\"top\\n$top sleeping\"];
}" tree --format dot --depth 0 top

# As Graphviz reads it; without that, by what of its grammar is used here.
run tree --format dot
printf '%s\n' "$out" >"$folder/graph"
if command -v dot >/dev/null; then
	dot -Tsvg "$folder/graph" >"$folder/svg" || fail "dot"
	grep -q 'a &quot;quoted&quot; \\N &amp; &lt;b&gt; name' "$folder/svg" ||
	    fail "dot has another name"
fi
"$PYTHON3" - "$folder/graph" <<-'EOF' || fail "$out"
	import re, sys
	text = open(sys.argv[1], encoding="utf-8").read()
	string = r'"(?:[^"\\]|\\.)*"'
	node = r"\t\d+ \[label=%s\];\n" % string
	assert re.fullmatch(r"digraph tasklet \{\n\trankdir=LR;\n"
	    r"\tnode \[shape=box\];\n(?:%s|\t\d+ -> \d+;\n)+\}\n" % node, text)
	nodes = re.findall(r"^\t(\d+) \[", text, re.M)
	edges = re.findall(r"^\t(\d+) -> (\d+)", text, re.M)
	assert sorted(child for _, child in edges) == sorted(set(nodes) - {"1"})
	assert {parent for parent, _ in edges} <= set(nodes)
EOF

expect_error 2 "*--format 'svg' is neither dot nor text*" tree --format svg
expect_error 2 '*neither --json nor --watch*' --json tree --format dot
expect_error 2 '*neither --json nor --watch*' tree --watch --format dot
expect_error 3 '*nobody*' tree --format dot nobody
exit 0
