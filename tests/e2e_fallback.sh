#!/bin/sh
# Where the user runs no daemon the system's is used, and the user told so. It
# is at a fixed place: this runs with a /run of its own.
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null &&
	    command -v setpriv >/dev/null || exit 77
	exec unshare --mount sh "$0" inside
fi
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"

mount -t tmpfs none /run || skip "cannot mount a /run"
as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
cp "$top_builddir/client/tasklet-ctl" "$top_builddir/daemon/taskletd" "$folder"
chmod 755 "$folder"
top_builddir=$folder/build
mkdir -p "$top_builddir/client" "$top_builddir/daemon"
mv "$folder/tasklet-ctl" "$top_builddir/client"
mv "$folder/taskletd" "$top_builddir/daemon"
mkdir "$folder/user"

# ping: by default, as a user whose own socket is not there
ping() {
	ran="ping by default" status=0
	# shellcheck disable=SC2086 # several words
	out=$(XDG_RUNTIME_DIR=$folder/user $as_user \
	    "$top_builddir/client/tasklet-ctl" "$@" ping 2>"$folder/err") ||
	    status=$?
	err=$(cat "$folder/err")
}

# Neither is there: told of the user's own.
ping
expect_status 5
expect_match "$err" "tasklet-ctl: cannot connect to $folder/user/*"

mkdir /run/tasklet
chown 65534 /run/tasklet
socket=/run/tasklet/control.sock
TASKLETD_WRAPPER="$as_user ${TASKLETD_WRAPPER:-}"
start_daemon
ping
expect_status 0
expect_out pong
expect_match "$err" "tasklet-ctl: there is no $folder/user/tasklet/control.sock: \
using the system's, /run/tasklet/control.sock"
ping --json
expect_status 0
expect_match "$err" '{"notice":{*}}'

# One that is there and dead is the user's to see.
mkdir -m 700 "$folder/user/tasklet"
: >"$folder/user/tasklet/control.sock"
chown -R 65534 "$folder/user/tasklet"
ping
expect_status 5
expect_match "$err" "tasklet-ctl: cannot connect to $folder/user/*refused*"

# Not open to everyone: status 4.
chmod 700 /run/tasklet
rm -r "$folder/user/tasklet"
chown 0 /run/tasklet
ping
expect_status 4
expect_match "$err" "tasklet-ctl: /run/tasklet/control.sock is not open to you*"
chown 65534 /run/tasklet
exit 0
