#!/bin/sh
# Completion in fish: commands, options, states, and the names of tasks and
# functions from the daemon of the command line. A name is any text: completed,
# it is that one word and nothing in it is carried out.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"
# shellcheck source=tests/complete.sh
. "$top_srcdir/tests/complete.sh"
need_python
command -v fish >/dev/null || skip "no fish"
start_daemon
complete_setup

# Nothing of the user's own, and no other completion of the same name.
HOME=$folder XDG_CONFIG_HOME=$folder XDG_DATA_HOME=$folder
export HOME XDG_CONFIG_HOME XDG_DATA_HOME
cat >"$folder/set-up.fish" <<END
set -gx PATH $(cd "$top_builddir/client" && pwd) \$PATH
source $(cd "$top_srcdir" && pwd)/client/completion/tasklet-ctl.fish
END
cat >"$folder/offer.fish" <<'END'
while read -l line
    echo (complete -C "tasklet-ctl $line" | string replace -r '\t.*' '' |
        LC_ALL=C sort)
end
END
cat >"$folder/typed.fish" <<'END'
complete -c args -w tasklet-ctl
function args
    printf '<%s>' $argv >>typed
    echo >>typed
end
args ready
END

offers() {
	fish --no-config -C "source $folder/set-up.fish" "$folder/offer.fish"
}
complete_offers
cat >"$folder/run-fish" <<END
exec fish --no-config -i -C "source $folder/set-up.fish" \\
    -C "source $folder/typed.fish"
END
complete_typed "sh $folder/run-fish"
exit 0
