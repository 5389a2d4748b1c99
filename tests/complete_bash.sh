#!/bin/sh
# Completion in bash: commands, options, states, and the names of tasks and
# functions from the daemon of the command line. A name is any text: completed,
# it is that one word and nothing in it is carried out.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
# shellcheck source=tests/complete.sh
. "$top_srcdir/tests/complete.sh"
need_python
command -v bash >/dev/null || skip "no bash"
lib=/usr/share/bash-completion/bash_completion
[ -r "$lib" ] || skip "no bash-completion"
start_daemon
complete_setup

cat >"$folder/bashrc" <<END
PS1='READY '
HOME=$folder
PATH=$(cd "$top_builddir/client" && pwd):\$PATH
. $lib
. $(cd "$top_srcdir" && pwd)/client/completion/tasklet-ctl.bash
END
cat >"$folder/rc-typed" <<END
. $folder/bashrc
complete -F _tasklet_ctl args
args() { printf '<%s>' "\$@" >>"$folder/typed"; echo >>"$folder/typed"; }
args ready
END

cat >"$folder/offer" <<'END'
. "$1"
compopt() { :; }
offers() {
	COMP_LINE="tasklet-ctl $1" COMP_POINT=$((${#1} + 12))
	read -ra COMP_WORDS <<<"$COMP_LINE"
	[[ $1 == *" " ]] && COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_tasklet_ctl tasklet-ctl
	printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort -u | tr '\n' ' '
	echo
}
while IFS= read -r line; do
	offers "$line"
done
END
offers() {
	bash --noprofile --norc "$folder/offer" "$folder/bashrc"
}
complete_offers

complete_typed "bash --noprofile --rcfile $folder/rc-typed -i"
exit 0
