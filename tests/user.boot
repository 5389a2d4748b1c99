# shellcheck shell=bash disable=SC2154 # boot_lib.sh stands before it
# A person's own service: the same daemon, for nobody else, with all that the
# person may do.
install_package
ends_with 0 systemctl stop taskletd.socket

for name in carol dave; do
	useradd --create-home "$name"
done
uid=$(id -u carol)
ends_with 0 systemctl start "user@$uid"

mine() { # command...
	as carol env "XDG_RUNTIME_DIR=/run/user/$uid" HOME=/home/carol "$@"
}
user_property() { # name
	mine systemctl --user show --property "$1" --value taskletd.service
}
is_user_property() { # name, value
	[ "$(user_property "$1")" = "$2" ]
}

ends_with 0 mine systemd-analyze --user verify --man=no \
    /usr/lib/systemd/user/taskletd.{service,socket}
equal "systemd-analyze verify" "" "$out$err"

ends_with 0 mine systemctl --user enable --now taskletd.socket
path=/run/user/$uid/tasklet/control.sock
equal "the socket" "600 carol" "$(stat -c '%a %U' "$path")"
equal "its folder" "700 carol" "$(stat -c '%a %U' "${path%/*}")"
equal "the service" inactive \
    "$(mine systemctl --user is-active taskletd.service)"

# Where tasklet-ctl looks first.
ends_with 0 mine tasklet-ctl ping
equal "ping, without a notice" pong "$out$err"
ends_with 0 tasklet-ctl --socket "$path" ping
ends_with 4 as dave tasklet-ctl --socket "$path" ping
equal "the daemon's user" carol \
    "$(ps -o user= -p "$(user_property MainPID)")"
until_true "STATUS" is_user_property StatusText "0 tasks, 0 clients"

# What carol may, her commands may.
# shellcheck disable=SC2016 # the command's sh expands it
ends_with 0 mine tasklet-ctl spawn --wait -n own -- \
    sh -c 'echo "$(id -un)" >/home/carol/file; cat /dev/null; mktemp -d
	unshare --user true'
equal "what a command wrote" carol "$(cat /home/carol/file)"
ends_with 0 mine tasklet-ctl spawn --wait -n variables -C / -- env
ends_with 0 mine tasklet-ctl output variables
matches "TASKLET_SOCKET" "*TASKLET_SOCKET=$path*" "$out"
[[ $out != *NOTIFY_SOCKET* ]] || fail "a command has NOTIFY_SOCKET"

# It has cgroups for them, as a user's manager has delegated some.
ends_with 0 mine tasklet-ctl --json stats
matches "stats" '*"cgroups":true*' "$out"

# The journal.
ends_with 0 mine tasklet-ctl interval -n build --max-runs 1 0.01 fail luck
has_line() {
	journalctl --sync
	journalctl -o cat TASK_NAME=build "_UID=$uid" | grep -q luck
}
until_true "journalctl TASK_NAME=build" has_line

# A crash, then a stop: nothing is left.
leave() {
	ends_with 0 mine tasklet-ctl spawn --leftovers keep --grace 1 -- \
	    sh -c 'trap "" TERM; setsid -f sleep 4001; sleep 4001; sleep 4001'
	until_true "sleep 4001" pgrep -fx "sleep 4001"
}
leave
kill -KILL "$(user_property MainPID)"
until_true "a restart" is_user_property NRestarts 1
until_true "the end of what was left" is_gone "sleep 4001"
ends_with 0 mine tasklet-ctl ping
leave
ends_with 0 mine systemctl --user stop taskletd.socket
until_true "the end of the service" is_user_property ActiveState inactive
is_gone "sleep 4001" || fail "stop left a command"
[ ! -e "$path" ] || fail "stop left the socket"
