#!/bin/sh
# On a terminal: nothing a task is called or says reaches it as an escape;
# tables are cut to its width; colors come, unless they are not wanted.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
need_python
start_daemon

escape=$(printf '\033')
csi=$(printf '\302\233') # one character, as good as ESC [
red="${escape}[31m"

# on_tty COLUMNS ARG...: tasklet-ctl there; leaves $out and $status.
on_tty() {
	columns=$1
	shift
	ran="(on a terminal) $*"
	status=0
	out=$("$PYTHON3" "$top_srcdir/tests/on_terminal.py" "$columns" \
	    "$top_builddir/client/tasklet-ctl" --socket "$socket" "$@") ||
	    status=$?
}

harmless() {
	case $out in
	*"$escape"* | *"$csi"*) fail "$ran: an escape in $out" ;;
	esac
}

# The daemon refuses such names. What tasks return, print and fail with is
# theirs.
run spawn -p -n evil print "${red}X" "${csi}31mX" "tab$(printf '\t')"
run join evil
on_tty 80 output evil
harmless
expect_match "$out" "\\\\u001b\\[31mX \\\\u009b31mX tab$(printf '\t')"
on_tty 80 spawn --wait echo "${red}X" "${csi}X"
harmless
expect_match "$out" '*\\u001[bB]*\\u009b*'
on_tty 80 --json spawn --wait echo "${csi}X"
harmless
on_tty 80 spawn --wait fail "${red}X"
harmless
expect_match "$out" '*failed: \\u001b*X*'
run spawn -p -n failing fail "${red}X${csi}"
on_tty 80 show failing
harmless
on_tty 80 join failing "${red}nobody"
harmless
on_tty 80 list --name "${red}X"
harmless
on_tty 80 spawn "${red}X"
harmless
on_tty 80 "${red}X"
harmless
run spawn "${red}X"
expect_status 2
case $err in *"$escape"*) fail "an escape on stderr: $err" ;; esac

# The error stays exact JSON for programs.
run --json spawn --wait fail "${red}X"
expect_match "$err" '*\\u001[bB]\[31mX*'

# Width: no line is longer than the terminal.
name=$(printf '%0200d' 7)x
run spawn -n "$name" sleep 1000
fits() { # COLUMNS ARG...
	on_tty "$@"
	printf '%s\n' "$out" | awk -v most="$1" 'length > most { exit 1 }' ||
	    fail "$ran: over $1 columns: $out"
}
for columns in 30 40 80 132; do
	fits "$columns" --color never list --live
	expect_match "$out" '*00000000* sleeping*'
done
# What is left out first stands on the right, last the names.
run spawn -n below --parent "$name" sleep 1000
for columns in 1 15 25 40; do
	fits "$columns" functions
	fits "$columns" --color never pool
	LC_ALL=C fits "$columns" --color never tree
done
fits 60 --color never list --live
expect_match "$out" 'NAME *ID STATE *WAITS FOR*sleeping [0-9]*'
fits 30 --color never list --live
expect_match "$out" 'NAME *ID STATE
*000000000 * sleeping
*below  *'
fits 15 --color never list --live
expect_match "$out" 'NAME *ID
*000000000 *'
fits 3 --color never list --live
expect_match "$out" 'NAM
*
000
*'
fits 25 functions
expect_match "$out" 'FUNCTION * SUMMARY
*sum [[]numbers:*'
# Elsewhere nothing is cut.
run list
expect_match "$out" "*$name*"

# Color
colored() {
	case $out in
	*"${escape}["*m*"${escape}[0m"*) ;;
	*) fail "$ran: no color in $out" ;;
	esac
}
on_tty 80 tree
colored
on_tty 80 --color never tree
harmless
NO_COLOR=1
export NO_COLOR
on_tty 80 tree
harmless
on_tty 80 --color always tree
colored
NO_COLOR=
on_tty 80 tree
colored
unset NO_COLOR
run tree
harmless
run --color auto tree
harmless
run --color always tree
colored
exit 0
