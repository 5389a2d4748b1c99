#!/bin/sh
# Completion in zsh: commands, options, states, and the names of tasks and
# functions from the daemon of the command line. A name is any text: completed,
# it is that one word and nothing in it is carried out.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
# shellcheck source=tests/complete.sh
. "$top_srcdir/tests/complete.sh"
need_python
command -v zsh >/dev/null || skip "no zsh"
start_daemon
complete_setup

cat >"$folder/.zshrc" <<END
PS1='READY '
path=($(cd "$top_builddir/client" && pwd) \$path)
fpath=($(cd "$top_srcdir" && pwd)/client/completion \$fpath)
autoload -Uz compinit
compinit -u -D
END

cat >>"$folder/.zshrc" <<'END'
compdef _tasklet-ctl args offered
args() { printf '<%s>' "$@" >>$HOME/typed; print >>$HOME/typed; }
args ready

# A ^T writes down what a TAB offers, as compadd is told it.
offered() { :; }
compadd() {
  local -a found
  [[ " ${@[1,(i)-(|-)]} " == *" -"[OAD]" "* ]] && { builtin compadd "$@"; return; }
  builtin compadd -O found "$@"
  all+=($found)
  builtin compadd "$@"
}
write_offers() {
  local -a all
  _main_complete
  print -r -- ${(o)all} >>$HOME/offered
  compstate[insert]= compstate[list]=
}
zle -C offers complete-word write_offers
bindkey '^T' offers
print ready >>$HOME/offered
END
zsh="env -u ZDOTDIR HOME=$folder zsh -d -i"
offers() {
	sed "s/.*/offered &$(printf '\024')/" >"$folder/lines"
	rm -f "$folder/offered"
	type_at "$folder/offered" "$zsh" >&2
	sed 1d "$folder/offered"
}
complete_offers
complete_typed "$zsh"
exit 0
