#!/bin/sh
# Which module may include which: data goes one way, and each library is known
# to few. `make check` runs it.
set -u
cd "${top_srcdir:-.}" || exit 99
failed=0
ruled= # the daemon's modules that a rule below names

# What a file includes, one line each, without the quotes.
included() {
	sed -n 's/^# *include *["<]\([^">]*\)[">].*/\1/p' "$1"
}

complain() {
	echo "$*" >&2
	failed=1
}

is_in() { # word, words...
	word=$1
	shift
	case " $* " in
	*" $word "*) return 0 ;;
	esac
	return 1
}

# A rule for no file would check nothing.
must_be() { # module, as daemon/task
	[ -e "$1.h" ] || [ -e "$1.c" ] || complain "$1: named here, not there"
}

# Of each file of a folder, that it includes nothing of some others.
no_folder() { # folder, other...
	folder=$1
	shift
	for file in "$folder"/*.[ch]; do
		for header in $(included "$file"); do
			if is_in "${header%%/*}" "$@"; then
				complain "$file includes $header"
			fi
		done
	done
}

# Only these modules know the library whose headers begin so.
only() { # prefix, module...
	prefix=$1
	shift
	for file in proto/*.[ch] daemon/*.[ch] client/*.[ch] client/lua/*.[ch]; do
		is_in "$(module_of "$file")" "$@" && continue
		for header in $(included "$file"); do
			case $header in
			"$prefix"*) complain "$file includes $header" ;;
			esac
		done
	done
}

# proto/frame.c and proto/frame.h are proto/frame.
module_of() {
	echo "${1%.[ch]}"
}

# These modules do not know JSON values: neither the header nor, through
# another one, a name of jansson's.
no_json() {
	for module in "$@"; do
		must_be "$module"
		for file in "$module".[ch]; do
			[ -e "$file" ] || continue
			if grep -Hn 'jansson\.h\|\<json_[a-z]' "$file" >&2; then
				complain "$file knows jansson"
			fi
		done
	done
}

# Of the daemon's modules, this one includes these alone. Its own header and
# proto go without saying.
may_include() { # module, other...
	module=$1
	ruled="$ruled $module"
	must_be "daemon/$module"
	shift
	for file in "daemon/$module.h" "daemon/$module.c"; do
		[ -e "$file" ] || continue
		for header in $(included "$file"); do
			case $header in
			daemon/*) ;;
			*) continue ;;
			esac
			other=$(basename "$header" .h)
			[ "$other" = "$module" ] || is_in "$other" "$@" ||
			    complain "$file includes $header"
		done
	done
}

no_folder proto daemon client tests
no_folder daemon client tests
no_folder client daemon tests
no_folder client/lua daemon tests

only event2/ daemon/batch daemon/capture daemon/conn daemon/conn_impl \
    daemon/conn_request daemon/conns daemon/exec_impl daemon/exec_start daemon/fn_exec \
    daemon/input daemon/listener daemon/loop daemon/main daemon/reaper \
    daemon/sd daemon/watch client/lua/link client/lua/main client/lua/sched
only systemd/ daemon/sd
only libsmartcols client/fit client/render
only curses client/panel
only uthash proto/hash

# Lua is known to tasklet-lua, and what serves it to nobody else.
for file in client/lua/*.[ch]; do
	lua="${lua-} $(module_of "$file")"
done
for prefix in lua lauxlib client/lua/; do
	# shellcheck disable=SC2086 # one word a module
	only "$prefix" $lua
done

no_json daemon/cancel daemon/capture daemon/child daemon/cursor daemon/gate \
    daemon/limit daemon/name daemon/output daemon/pause daemon/pool \
    daemon/proc daemon/reaper daemon/recur daemon/retention daemon/runqueue \
    daemon/scheduler daemon/scheduler_impl daemon/task daemon/timer daemon/watch \
    proto/connect proto/frame proto/path

# Data, which knows nothing that runs.
may_include timer
may_include output
may_include table
may_include task timer cursor name output table
may_include name task
may_include cursor task
may_include runqueue task
may_include pool task

# What runs it, which knows nothing of the wire.
may_include scheduler_impl scheduler runqueue
may_include scheduler scheduler_impl task timer runqueue function output
may_include cancel scheduler_impl function
may_include limit scheduler_impl
may_include pause scheduler_impl function
may_include retention scheduler_impl function output
may_include recur scheduler log quote
may_include gate pool scheduler
may_include function fn_basic fn_exec scheduler task
may_include fn_basic function scheduler task

# The function exec, and what it is made of.
may_include proc
may_include reaper log proc quote task timer
may_include cgroup log
may_include command cgroup
may_include child command
may_include watch log
may_include capture output scheduler watch
may_include input waiter watch
may_include fn_exec exec_impl capture command input log reaper scheduler task \
    function
may_include exec_impl cgroup child command fn_exec timer
may_include exec_write exec_impl input task
may_include exec_start exec_impl capture command input reaper task
may_include exec_show exec_impl proc reaper task

# Who asks and who waits, which know nothing of connections.
may_include caller cursor
may_include follow output
may_include waiter_impl waiter
may_include waiter waiter_impl caller follow output task timer
may_include waiter_reply waiter_impl follow task_json
may_include boot caller daemon log method task
may_include events caller scheduler task task_json
may_include mailbox caller function task waiter
may_include task_json function gate quote recur scheduler task waiter
may_include deadlock function gate task waiter
may_include method caller daemon deadlock scheduler task
may_include host function host_impl caller mailbox quote scheduler task
may_include host_impl host function timer
may_include host_function host host_impl caller
may_include host_describe host host_impl caller scheduler task_json waiter
may_include start function host method quote scheduler task

# Each method knows the table, what it acts on, and no other method.
may_include method_table method
may_include method_gate method gate task
for file in daemon/method_*.c; do
	is_in "$file" daemon/method_table.c daemon/method_gate.c && continue
	may_include "$(basename "$file" .c)" method_table method_gate boot cgroup \
	    cursor events fn_exec function gate host mailbox quote recur \
	    scheduler start task task_json output waiter
done

# Bytes and connections.
may_include batch
may_include quota
may_include quote
may_include log journal
may_include journal
may_include sd daemon log scheduler
may_include sd_none sd
may_include options log
may_include conn conn_impl daemon events host log waiter
may_include conns conn_impl daemon fn_exec log task
may_include conn_impl caller conn quota
may_include conn_request conn_impl batch daemon events host method
may_include conn_task conn_impl daemon function scheduler task task_json waiter
may_include listener conn log place
may_include place log sd
may_include loop gate host log scheduler timer waiter
may_include daemon

# Main may include all of them. Who adds a module says here what it may know.
for file in daemon/*.[ch]; do
	module=$(basename "${file%.[ch]}")
	is_in "$module" "main $ruled" ||
	    complain "$file: no rule says what it may include"
done

exit "$failed"
