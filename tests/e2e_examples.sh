#!/bin/sh
# The examples: what they print, and that what they spawn are their children.
# shellcheck disable=SC2016 # the commands expand these
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
start_daemon
examples=$(cd "$top_srcdir" && pwd)/examples
PATH=$(cd "$top_builddir/client" && pwd):$PATH
export PATH

expect 0 'start done.
Hello
World' run -- "$examples/hello.sh"

expect 0 '30
70' run -- "$examples/join.sh"

# Its tasks end once it has drawn them three times.
mkdir "$folder/bin"
: >"$folder/drawn"
cat >"$folder/bin/sleep" <<END
#!/bin/sh
case \$1 in
1) echo >>"$folder/drawn" ;;
2)
	for _ in \$(seq 600); do
		[ "\$(wc -l <"$folder/drawn")" -lt 3 ] || exit 0
		$(command -v sleep) 0.1
	done
	;;
esac
END
chmod +x "$folder/bin/sleep"
PATH=$folder/bin:$PATH run run -- "$examples/tree.sh"
expect_status 0
[ -z "$err" ] || fail "$ran: $err"
expect_match "$out" 'NAME * ID STATE * WAITS FOR
tree.sh * running*
├─task1 * running*
├─task2 * running*
└─task3 * running*
NAME*
Hello
done
World
done
Hi There
done'
drawn=$(printf '%s\n' "$out" | grep -c '^tree.sh ')
[ "$drawn" -eq 3 ] || fail "$ran: drew $drawn trees"

# A folder is compressed, a few files at a time; of those that fail it is told
# why.
mkdir "$folder/files"
for name in one 'a b' "it's" '$x' -n; do
	printf "%s\n" "$name" >"$folder/files/$name"
done
expect 0 '5 files, 0 failed' run -- "$examples/fanout.sh" "$folder/files" 2
for name in one 'a b' "it's" '$x' -n; do
	[ "$(gzip -dc <"$folder/files/$name.gz")" = "$name" ] ||
	    fail "$name is not compressed"
done
echo old >"$folder/files/one"
run run -- "$examples/fanout.sh" "$folder/files"
expect_status 1
expect_out '6 files, 1 failed'
expect_match "$err" '*exit status*one.gz already exists*'

# Stages come one after the other; what fails cancels those after it.
echo 'the cat and the dog and the bird saw a cat' >"$folder/text"
expect 0 '      3 the
      2 cat
      2 and' run -C "$folder" -- "$examples/pipeline.sh" text
run run -- "$examples/pipeline.sh" "$folder/none"
expect_status 1
expect_match "$err" '*was cancelled: *'

# Without what they need they say so, and do nothing: not to /* either. (false,
# so that nothing is compressed should this fail.)
needs() { # EXAMPLE TEXT
	err=$(env -u TASKLET_ID TASKLET_CTL=false "$examples/$1" 2>&1) &&
	    fail "$1 succeeds"
	expect_match "$err" "*$2*"
}
needs fanout.sh 'which folder? fanout.sh FOLDER'
needs pipeline.sh 'which text? pipeline.sh TEXT'
needs tree.sh 'run it as a task: tasklet-ctl run -- */tree.sh'
exit 0
