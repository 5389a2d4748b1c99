# Completion of tasklet-ctl for fish.
#
# Commands and options come from --help, tasks and functions from the daemon.
# What it says is data: nothing of it, or of the line, is ever evaluated.

# The daemon of the command line; one that hangs does not hold the shell up.
function __tasklet_ctl_ask
    timeout 3 $__tasklet_ctl $__tasklet_ctl_global $argv </dev/null 2>/dev/null
end

# Offers live tasks, or, to be forgotten, others: their names, and for a TASK
# their ids.
function __tasklet_ctl_tasks --argument-names kind typed
    set -l which --live
    test "$__tasklet_ctl_command" = forget; and set which --finished
    set -l filter
    if string match -qr '[^0-9]' -- $typed
        set -l glob (string replace -ar '[][*?\\\\]' '\\\\$0' -- $typed)
        set filter --name=$glob'*'
    end
    set -l name '"name":"((?:[^"\\\\]|\\\\.)*)"'
    __tasklet_ctl_ask --json list $which $filter | head -n 1000 |
        string match -v '*"function":"client"*' |
        string replace -fr '^\{"id":(\d+),'$name'.*"state":"(\w+)".*' '$1 $3 $2' |
        while read -l line
            set -l part (string split -m 2 ' ' -- $line)
            set -l task (string replace -ar '\\\\(.)' '$1' -- $part[3])
            printf '%s\t%s, %s\n' $task $part[1] $part[2]
            test "$kind" = TASK; and printf '%s\t%s, %s\n' $part[1] $task $part[2]
        end
end

# Offers what a KIND of value may be.
function __tasklet_ctl_values --argument-names kind typed
    switch "$kind"
        case color
            printf '%s\n' auto always never
        case scope
            printf '%s\n' detach wait cancel
        case leftovers
            printf '%s\n' kill keep
        case signal
            printf '%s\n' HUP INT QUIT KILL USR1 USR2 TERM
        case WHAT
            printf '%s\n' created started finished failed output
        case FORMAT
            printf '%s\n' dot text
        case TO
            printf '%s\n' capture null
            __fish_complete_path $typed
        case state
            printf '%s\n' ready running sleeping waiting paused done failed \
                cancelled timeout
        case TASK GLOB
            __tasklet_ctl_tasks $kind $typed
        case FUNCTION POOL
            set -l method functions
            test $kind = POOL; and set method pool
            __tasklet_ctl_ask --json $method |
                string replace -fr '^\{"name":"((?:[^"\\\\]|\\\\.)*)".*' '$1' |
                string replace -ar '\\\\(.)' '$1'
        case METHOD
            __tasklet_ctl_ask call rpc.discover |
                string match -ar '"name":"[a-z._]+","summary":"(?:[^"\\\\]|\\\\.)*","paramS' |
                string replace -r '"name":"([^"]*)".*' '$1'
        case PATH FILE
            __fish_complete_path $typed
        case DIR
            __fish_complete_directories $typed
        case VAR
            set -nx | string replace -r '$' =
    end
end

# What the value of the option, called so in its help, is.
function __tasklet_ctl_kind --argument-names option called
    switch $option
        case --color --scope --state --leftovers
            string sub -s 3 -- $option
        case --signal --kill-signal
            echo signal
        case --function
            echo FUNCTION
        case '*'
            echo $called
    end
end

# The options of a help, given by lines: a line for each of its name, what it
# calls the value, and what it says of it, with tabs between.
function __tasklet_ctl_options
    printf '%s\t\tprint help\n' -h --help
    set -l form '^ +(?=-)(-[A-Za-z](?![^ ,])|)(?:, )?(--[a-z-]+|)(?:\[=[A-Z]+\])? ?([A-Z]*) *(.*)$'
    string replace -fr $form '$1'\t'$2'\t'$3'\t'$4' -- $argv | while read -l line
        set -l part (string split \t -- $line)
        for option in $part[1..2]
            test -n "$option"; and printf '%s\t%s\t%s\n' $option "$part[3]" "$part[4]"
        end
    end
end

# What an option calls its value; nothing where it takes none.
function __tasklet_ctl_takes --argument-names option
    set -e argv[1]
    for line in $argv
        set -l part (string split \t -- $line)
        test "$part[1]" = $option; and echo $part[2] && return
    end
end

# The name of a command and what each of its operands is, from its help.
function __tasklet_ctl_usage --argument-names first
    set -l text (string replace -r '^.*?OPTION\.\.\.\] ' '' -- $first)
    set text (string replace -ar '\[OPTION\.\.\.\]|\[-[^]]*\]' '' -- $text)
    string split -n ' ' -- $text
end

# What the operand is that comes after so many.
function __tasklet_ctl_operand --argument-names given
    set -e argv[1]
    set -l at (math $given + 1)
    set -l kind $argv[$at]
    test -z "$kind"; and string match -q '*...*' -- "$argv[-1]"; and set kind $argv[-1]
    string replace -ar '[][.]' '' -- "$kind"
end

function __tasklet_ctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -g __tasklet_ctl tasklet-ctl
    set -g __tasklet_ctl_global
    set -g __tasklet_ctl_command
    set -l pending
    set -l ended
    set -l given 0
    set -l at 1
    set -l start
    set -l usage
    command -q $words[1]; and set __tasklet_ctl $words[1]
    set -l help ($__tasklet_ctl --help 2>/dev/null); or return
    set -l options (__tasklet_ctl_options $help)

    # The words before the current one: what is the command, what it was given,
    # and the option whose value comes next, or where a command begins that is
    # to be run.
    for word in $words[2..]
        set at (math $at + 1)
        if test -n "$pending"
            test $pending = --socket; and set __tasklet_ctl_global --socket $word
            set pending
        else if test -z "$ended" -a "x$word" = x--
            set ended 1
            test "$usage[2]" = FUNCTION; and set start (math $at + 1)
        else if test -z "$ended"; and string match -q -- '--*=*' $word
            string match -q -- '--socket=*' $word
            and set __tasklet_ctl_global --socket (string replace -- --socket= '' $word)
        else if test -z "$ended"; and string match -q -- '-?*' $word
            set -l name (string replace -r -- '^-[^-].*(.)$' '-$1' $word)
            test -n "$(__tasklet_ctl_takes $name $options)"; and set pending $name
        else if test -z "$usage"
            set help ($__tasklet_ctl $word --help 2>/dev/null); or return
            set usage (__tasklet_ctl_usage $help[1])
            set options (__tasklet_ctl_options $help)
            set __tasklet_ctl_command $usage[1]
            set ended
        else if test "$usage[2]" = COMMAND
            set start $at
        else if test "x$word" = x-- -a "$usage[$(math $given + 2)]" = FUNCTION
            set start (math $at + 1)
        else
            # What takes a function ends its options at the first operand.
            contains FUNCTION $usage; and set ended 1
            set given (math $given + 1)
        end
        test -n "$start"; and break
    end
    if test -z "$start$pending" -a "$usage[2]" = COMMAND
        string match -q -- '-*' "$current"; and test -z "$ended"
        or set start (math (count $words) + 1)
    end
    if test -n "$start"
        # The command is completed as it would be on its own.
        complete -C (string join ' ' -- (string escape -- $words[$start..]) $current)
        return
    end

    set -l before ''
    if test -z "$ended" -a -z "$pending"; and string match -q -- '--*=*' $current
        set pending (string replace -r '=.*' '' -- $current)
        set before $pending=
        set current (string replace -- $before '' $current)
    end
    set -l typed (string unescape -- $current 2>/dev/null)
    if test -n "$pending"
        set -l called (__tasklet_ctl_takes $pending $options)
        __tasklet_ctl_values (__tasklet_ctl_kind $pending "$called") "$typed" |
            string replace -r '^' -- (string replace -a '$' '\\$' -- $before)
    else if test -z "$ended"; and string match -q -- '-*' $current
        printf '%s\n' $options | string replace -r '\t.*\t' \t
    else if test -z "$usage"
        printf '%s\n' $help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\)  */\1\t/p'
    else
        __tasklet_ctl_values (__tasklet_ctl_operand $given $usage[2..]) "$typed"
    end
end

complete -c tasklet-ctl -f -a '(__tasklet_ctl_complete)'
