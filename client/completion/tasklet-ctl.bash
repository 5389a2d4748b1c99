# shellcheck shell=bash
# Completion of tasklet-ctl for bash, with bash-completion 2.
#
# Commands and options come from --help, tasks and functions from the daemon.
# What it says is data: nothing of it, or of the line, is ever evaluated.

# Sets `plain`, the word that $1 is once the shell has read it (but for
# variables, which stay as they are), and where a quote is still open, `open`
# and `before`, what stands before that.
_tasklet_ctl_unquote() {
	local word=$1 char next i

	plain='' open='' before=''
	if [[ $word == \~/* ]]; then
		plain=$HOME word=${word:1}
	fi
	for ((i = 0; i < ${#word}; i++)); do
		char=${word:i:1}
		if [[ $open == \' && $char != \' ]]; then
			plain+=$char
		elif [[ $char == \\ ]]; then
			((i++))
			next=${word:i:1}
			[[ -n $open && $next != [\"\$\`\\] ]] && plain+=\\
			plain+=$next
		elif [[ -n $open && $char == "$open" ]]; then
			open=''
		elif [[ -z $open && $char == [\"\'] ]]; then
			open=$char before=$plain
		else
			plain+=$char
		fi
	done
}

# Lets $1 complete the current word, quoted as that word is.
_tasklet_ctl_offer() {
	local text=$1

	[[ $text == "$plain"* ]] || return
	case $open in
	\')
		text=${text//\'/\'\\\'\'}
		;;&
	\")
		[[ $text == *!* ]] && return # history expansion
		text=${text//\\/\\\\}
		text=${text//\"/\\\"}
		text=${text//\$/\\\$}
		text=${text//\`/\\\`}
		;;&
	[\'\"])
		# Readline would take this one for the closing quote.
		[[ $text == *"$open" ]] && text+=$open
		;;
	*)
		printf -v text %q "$text"
		text=$option$text
		[[ $text == "$broken"* ]] || return
		text=${text#"$broken"}
		;;
	esac
	COMPREPLY+=("$text")
}

# The daemon of the command line; one that hangs does not hold the shell up.
_tasklet_ctl_ask() {
	timeout 3 "$ctl" "${global[@]}" "$@" </dev/null 2>/dev/null
}

# The id, a space and the name of live tasks; to be forgotten, of others.
_tasklet_ctl_list() {
	local -a filter=()
	local glob=$plain which=--live

	[[ $command == forget ]] && which=--finished
	if [[ -n $plain && $plain == *[!0-9]* ]]; then
		glob=${glob//\\/\\\\}
		glob=${glob//\*/\\*}
		glob=${glob//\?/\\?}
		glob=${glob//\[/\\[}
		filter=(--name="$glob*")
	fi
	_tasklet_ctl_ask --json list $which "${filter[@]}" |
	    LC_ALL=C sed -En '/"function":"client"/d
	        s/^\{"id":([0-9]+),"name":"(([^"\\]|\\.)*)".*/\1 \2/
	        s/\\(.)/\1/g; /^[0-9]/p' | head -n 1000
}

_tasklet_ctl_values() { # KIND
	local line state word
	local -A seen=()

	case $1 in
	color) for word in auto always never; do _tasklet_ctl_offer $word; done ;;
	scope) for word in detach wait cancel; do _tasklet_ctl_offer $word; done ;;
	WHAT)
		for word in created started finished failed output; do
			_tasklet_ctl_offer $word
		done
		;;
	FORMAT) for word in dot text; do _tasklet_ctl_offer $word; done ;;
	leftovers) for word in kill keep; do _tasklet_ctl_offer $word; done ;;
	signal)
		for word in HUP INT QUIT KILL USR1 USR2 TERM; do
			_tasklet_ctl_offer $word
		done
		;;
	TO)
		_filedir
		for word in capture null; do _tasklet_ctl_offer $word; done
		;;
	state)
		for state in ready running sleeping waiting paused "done" failed \
		    cancelled timeout; do
			_tasklet_ctl_offer "$state"
		done
		;;
	TASK | GLOB)
		while IFS= read -r line; do
			[[ $1 == TASK ]] && _tasklet_ctl_offer "${line%% *}"
			line=${line#* }
			[[ -z ${seen[$line]} ]] && _tasklet_ctl_offer "$line"
			seen[$line]=1
		done < <(_tasklet_ctl_list)
		;;
	FUNCTION | POOL)
		word=functions
		[[ $1 == POOL ]] && word=pool
		while IFS= read -r line; do
			_tasklet_ctl_offer "$line"
		done < <(_tasklet_ctl_ask --json $word |
		    LC_ALL=C sed -En 's/^\{"name":"(([^"\\]|\\.)*)".*/\1/
		        s/\\(.)/\1/g; /^\{/d; p')
		;;
	METHOD)
		while IFS= read -r line; do
			_tasklet_ctl_offer "$line"
		done < <(_tasklet_ctl_ask call rpc.discover | LC_ALL=C grep -Eo \
		    '"name":"[a-z._]+","summary":"([^"\\]|\\.)*","paramS' |
		    cut -d '"' -f 4)
		;;
	PATH | FILE) _filedir ;;
	DIR) _filedir -d ;;
	VAR) for word in $(compgen -e); do _tasklet_ctl_offer "$word="; done ;;
	esac
}

# What the value of the option $1, called $2 in its help, is.
_tasklet_ctl_kind() {
	case $1 in
	--color | --scope | --state | --leftovers)
		printf %s "${1#--}"
		;;
	--signal | --kill-signal) printf signal ;;
	--function) printf FUNCTION ;;
	*) printf %s "$2" ;;
	esac
}

# Sets takes[OPTION] for each option of the help $1: what it calls the value.
_tasklet_ctl_read_options() {
	local line
	local form='^ +(-[A-Za-z])?(, )?(--[a-z-]+)?(\[=[A-Z]+\])?( ([A-Z]+))?( .*)?$'

	takes=([-h]='' [--help]='')
	while IFS= read -r line; do
		[[ $line =~ ^\ +- && $line =~ $form ]] || continue
		[[ -n ${BASH_REMATCH[1]} ]] &&
		    takes[${BASH_REMATCH[1]}]=${BASH_REMATCH[6]}
		[[ -n ${BASH_REMATCH[3]} ]] &&
		    takes[${BASH_REMATCH[3]}]=${BASH_REMATCH[6]}
	done <<<"$1"
}

# Sets the command, and what each of its operands is, from its help $1.
_tasklet_ctl_read_usage() {
	local -a usage=()
	local word in_option=''

	word=${1%%$'\n'*}
	read -ra usage <<<"${word#*"OPTION...] "}"
	command=${usage[0]}
	for word in "${usage[@]:1}"; do
		[[ $word == *"OPTION...]" ]] && continue
		[[ $word == "[-"* ]] && in_option=1
		[[ -z $in_option ]] && operands+=("$word")
		[[ $word == *"]" ]] && in_option=''
	done
}

# What the operand that comes now is.
_tasklet_ctl_operand() {
	local last=${#operands[@]} kind

	((last == 0)) && return
	kind=${operands[given]}
	[[ -z $kind && ${operands[last - 1]} == *...* ]] &&
	    kind=${operands[last - 1]}
	kind=${kind//[\[\]]/}
	printf %s "${kind%...}"
}

# Reads the words before the current one: what is the command, what it was
# given, and, in `pending`, the option whose value comes next, or, in `start`,
# where a command begins that is to be run.
_tasklet_ctl_read_line() {
	local i word name

	_tasklet_ctl_read_options "$("$ctl" --help 2>/dev/null)"
	for ((i = 1; i < cword; i++)); do
		word=${words[i]}
		if [[ -n $pending ]]; then
			_tasklet_ctl_unquote "$word"
			[[ $pending == --socket ]] && global=(--socket "$plain")
			pending=''
			continue
		fi
		if [[ -z $ended && $word == -- ]]; then
			ended=1
			[[ ${operands[0]} == FUNCTION ]] && start=$((i + 1))
		elif [[ -z $ended && $word == --*=* ]]; then
			_tasklet_ctl_unquote "${word#*=}"
			[[ $word == --socket=* ]] && global=(--socket "$plain")
		elif [[ -z $ended && $word == -?* ]]; then
			name=$word
			[[ $word == -[!-]* ]] && name=-${word: -1}
			[[ -n ${takes[$name]} ]] && pending=$name
		elif [[ -z $command ]]; then
			_tasklet_ctl_read_command "$word" || return
		elif [[ ${operands[0]} == COMMAND ]]; then
			start=$i
		elif [[ $word == -- && ${operands[given]} == FUNCTION ]]; then
			start=$((i + 1))
		else
			# What takes a function ends its options at the first operand.
			[[ " ${operands[*]} " == *" FUNCTION "* ]] && ended=1
			((given++))
		fi
		[[ -n $start ]] && break
	done
	[[ -z $start$pending && ${operands[0]} == COMMAND &&
	    ($cur != -* || -n $ended) ]] && start=$cword
	return 0
}

_tasklet_ctl_read_command() {
	local help

	_tasklet_ctl_unquote "$1"
	help=$("$ctl" "$plain" --help 2>/dev/null) || return
	ended=''
	_tasklet_ctl_read_usage "$help"
	_tasklet_ctl_read_options "$help"
}

# Completes the command that begins at word `start` as it would be on its own.
# Readline has its own idea of words: it breaks them at more characters.
_tasklet_ctl_command_line() {
	local i at=0 text

	for ((i = 0; i < start; i++)); do
		text=${COMP_WORDS[at++]}
		while [[ $text != "${words[i]}" && $at -lt $COMP_CWORD ]]; do
			text+=${COMP_WORDS[at++]}
		done
	done
	_command_offset $at
}

_tasklet_ctl_commands() {
	local name

	while read -r name; do
		_tasklet_ctl_offer "$name"
	done < <("$ctl" --help 2>/dev/null | sed -En '/^Commands:/,/^$/{
	    s/^  ([a-z-]+) .*/\1/p; }')
}

# What readline leaves out of the word that it asks to have completed: all up
# to the last of these characters, where it breaks words there.
_tasklet_ctl_break() {
	local char

	broken=''
	[[ -n $open ]] && return
	for char in : = @; do
		[[ $COMP_WORDBREAKS == *"$char"* && $cur == *"$char"* ]] || continue
		char=${cur%"$char"*}$char
		((${#char} > ${#broken})) && broken=$char
	done
}

_tasklet_ctl() {
	# shellcheck disable=SC2034 # _init_completion sets these
	local cur prev words cword split
	local ctl=$1 command='' pending='' ended='' start='' given=0
	local option='' broken='' plain open before name
	local -a global=() operands=()
	local -A takes=()

	_init_completion -n :=@ || return
	type -P -- "$ctl" >/dev/null || ctl=tasklet-ctl
	_tasklet_ctl_read_line || return
	if [[ -n $start ]]; then
		_tasklet_ctl_command_line
		return
	fi
	if [[ -z $ended && -z $pending && $cur == --*=* ]]; then
		pending=${cur%%=*} option=${cur%%=*}=
	fi
	_tasklet_ctl_unquote "${cur#"$option"}"
	[[ -n $open && -n $before ]] && return
	_tasklet_ctl_break
	if [[ -n $pending ]]; then
		cur=${cur#"$option"}
		_tasklet_ctl_values \
		    "$(_tasklet_ctl_kind "$pending" "${takes[$pending]}")"
	elif [[ -z $ended && $cur == -* ]]; then
		for name in "${!takes[@]}"; do
			_tasklet_ctl_offer "$name"
		done
	elif [[ -z $command ]]; then
		_tasklet_ctl_commands
	else
		_tasklet_ctl_values "$(_tasklet_ctl_operand)"
	fi
} && complete -F _tasklet_ctl tasklet-ctl
