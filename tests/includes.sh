#!/bin/sh
# Which module may include which, as the design has it: the pure parts of the
# daemon know neither libevent nor JSON, and the two programs share proto alone.
# shellcheck disable=SC2046,SC2086 # many words
set -u
cd "${top_srcdir:-.}" || exit 99
status=0

# forbid WHY PATTERN FILE...: no such include in these files.
forbid() {
	why=$1 pattern=$2
	shift 2
	if grep -nE "^#include [<\"]($pattern)" "$@" /dev/null; then
		echo "FAIL: $why" >&2
		status=1
	fi
}

# Each name must be there: a check of no file would check nothing.
pure=
for module in task name cursor output timer runqueue scheduler scheduler_impl \
    pause retention; do
	found=$(find daemon -name "$module.[ch]")
	[ -n "$found" ] || { echo "FAIL: no daemon/$module" >&2; status=1; }
	pure="$pure $found"
done
forbid "pure data and scheduling know no JSON and no loop" \
    'jansson|event2|event\.h' $pure
forbid "only the loop and what moves bytes know libevent" 'event2|event\.h' \
    $(find daemon -name '*.[ch]' ! -name 'loop.c' ! -name 'conn*.[ch]' \
	! -name 'batch.c' ! -name 'listener.c' ! -name 'main.c')
forbid "proto knows neither end, nor libevent" 'daemon/|client/|event' \
    $(find proto -name '*.[ch]')
forbid "the client knows proto alone" 'daemon/|event' \
    $(find client -name '*.[ch]')
forbid "the daemon knows nothing of the client" 'client/' \
    $(find daemon -name '*.[ch]')
exit "$status"
