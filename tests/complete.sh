#!/bin/sh
# What the tests of the completions share: tasks with awkward names, what is
# offered where, and what a line that was typed with TABs becomes.
# shellcheck shell=sh disable=SC2154,SC2016,SC1003
# tests/lib.sh sets what is not set here; names are to be odd

complete_setup() {
	type_at=$(cd "$top_srcdir" && pwd)/tests/type_at.py
	for name in plain 'with space' "quote's \"both\"" \
	    'dollar$(touch evil)`touch evil`' 'back\slash\' \
	    'colon:one' 'equals=at@x' 'star*[a]?' '-dash' 'über' \
	    '{"name":"json"}' '"function":"client"'; do
		ctl spawn -p -n "$name" sleep 600 >/dev/null ||
		    fail "no task $name"
	done
	ctl spawn -p -n ended sum 1 >/dev/null
	ctl join ended >/dev/null
	plain_id=$(ctl --json show plain | sed 's/^{"id":\([0-9]*\),.*/\1/')
	# For the completions, which do not wait long for a daemon that hangs.
	mkdir "$folder/bin"
	printf '#!/bin/sh\nshift\nexec "$@"\n' >"$folder/bin/timeout"
	chmod +x "$folder/bin/timeout"
	PATH=$folder/bin:$PATH
	export PATH
	# Where the command line names no socket, nothing is found.
	TASKLET_SOCKET=$folder/none
	export TASKLET_SOCKET
}

# What is to be offered, sorted, for what follows `tasklet-ctl --socket SOCKET`,
# or, after a !, `tasklet-ctl` alone.
offers_wanted() {
	schema_states='import json, sys
schemas = json.load(sys.stdin)["components"]["schemas"]
print(*sorted(schemas["Task"]["properties"]["state"]["enum"]))'
	cat <<END
|$(ctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | sort |
    tr '\n' ' ')
shu|shutdown
join --a|--any
list --f|--finished --function
--json list --st|--state
list --state |$(ctl call rpc.discover | "$PYTHON3" -c "$schema_states")
spawn --scope c|cancel
--color |always auto never
spawn |echo exec fail print sleep sum
spawn -n x --wait pri|print
spawn --unique s|sleep sum
list --function su|sum
show pl|plain
ps --name pl|plain
join plain pl|plain
join $plain_id|$plain_id
call rpc|rpc.discover
show ended|
show client|
spawn sum pl|
spawn sum --na|
spawn -n pl|
show plain pl|
nonsense pl|
ping pl|
later 5 s|sleep sum
interval --max-runs 3 1s --im|
interval --im|--immediate
loop --max-f|--max-failures
rate 5 pri|print
wait pl|plain
pause --o|--only
resume plain pl|plain
forget en|ended
tree --w|--watch
run -- readlin|readlink
run readlin|readlink
run --clea|--clean-env
run --leftovers k|keep kill
spawn -- readlin|readlink
spawn --shell x --kill-signal T|TERM
spawn readlin|
later 5 -- readlin|readlink
run -n x -- tasklet-ctl --socket $socket show pl|plain
interval 5 -- tasklet-ctl --socket=$socket show pl|plain
log pl|plain
write --e|--eof
send pl|plain
request --t|--timeout
receive pl|plain
events --what s|started
tree --format |dot text
trace --ou|--output
!show pl|
END
}

# Compares these with what the script's `offers` prints, a line for each line
# of its stdin.
complete_offers() {
	offers_wanted >"$folder/wanted"
	sed "s/|.*//; /^!/!s|^|--socket $socket |; s/^!//" "$folder/wanted" |
	    offers >"$folder/got"
	sed "s/ \$//" "$folder/got" |
	    paste -d '|' "$folder/wanted" - | awk -F '|' '
	        { sub(/ $/, "", $2) }
	        $2 != $3 {
			printf "%s: wanted %s, offered %s\n", $1, $2, $3
			bad = 1
		}
		END { exit bad }' >&2 || fail "not offered what was wanted"
}

# type_at FILE SHELL: types "$folder/lines" at it; see tests/type_at.py.
type_at() {
	# shellcheck disable=SC2086 # it is several words
	(cd "$folder" && "$PYTHON3" "$type_at" "$1" $2) \
	    <"$folder/lines" >"$folder/shown" 2>&1 || {
		cat "$folder/shown" >&2
		fail "$2 did not run all that was typed"
	}
}

# What is typed, a | for the TAB, and the words that the shell then reads.
complete_lines() {
	cat <<'END'
show pl|
<show><plain>
show wi|
<show><with space>
show 'wi|
<show><with space>
show "wi|
<show><with space>
show with\ sp|
<show><with space>
show quo|
<show><quote's "both">
show 'quo|
<show><quote's "both">
show "quo|
<show><quote's "both">
show do|
<show><dollar$(touch evil)`touch evil`>
show 'do|
<show><dollar$(touch evil)`touch evil`>
show "do|
<show><dollar$(touch evil)`touch evil`>
show bac|
<show><back\slash\>
show 'bac|
<show><back\slash\>
show "bac|
<show><back\slash\>
show co|
<show><colon:one>
show colon:o|
<show><colon:one>
show equ|
<show><equals=at@x>
show equals=a|
<show><equals=at@x>
show equals=at@|
<show><equals=at@x>
show st|
<show><star*[a]?>
show -- -da|
<show><--><-dash>
show üb|
<show><über>
show '{|
<show><{"name":"json"}>
spawn --parent=wi|
<spawn><--parent=with space>
spawn --parent wi| su|
<spawn><--parent><with space><sum>
join --ti|
<join><--timeout>
sle|
<sleep>
END
}

# complete_typed SHELL: types them, each begun as `args --socket SOCKET`.
complete_typed() {
	complete_lines | sed -n "1~2{s/|/$(printf '\t')/g
	    s|^|args --socket $socket |p; }" >"$folder/lines"
	complete_lines | sed -n 's|^<|<--socket><SOCKET><|p' >"$folder/want"
	rm -f "$folder/typed"
	type_at "$folder/typed" "$1"
	sed "1d; s|$socket|SOCKET|" "$folder/typed" |
	    diff "$folder/want" - >&2 || {
		cat "$folder/shown" >&2
		fail "$1: not the words wanted (<) but others (>)"
	}
	[ ! -e "$folder/evil" ] || fail "a name was carried out"
}
