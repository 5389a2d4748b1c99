#!/bin/sh
# The folder of a default socket must be the user's own and closed to others:
# in /tmp anyone could have made it, with a daemon of theirs in it.
# shellcheck source=tests/lib.sh
. "${top_srcdir:-.}/tests/lib.sh"

client=$top_builddir/client/tasklet-ctl
as_user=
if [ "$(id -u)" -eq 0 ]; then # whose default is the system's
	command -v setpriv >/dev/null || skip "root, and no setpriv"
	as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cp "$client" "$folder/tasklet-ctl"
	client=$folder/tasklet-ctl
	chmod 755 "$folder"
fi

# own FOLDER: makes it the user's
own() {
	[ -z "$as_user" ] || chown 65534 "$1"
}

# ping: the client as that user, with its default socket in $folder/tasklet
ping() {
	ran="ping by default" status=0
	# shellcheck disable=SC2086 # several words
	err=$(XDG_RUNTIME_DIR=$folder $as_user "$client" ping 2>&1) || status=$?
}

refused() {
	ping
	expect_status 5
	expect_match "$err" "tasklet-ctl: not connecting to \
$folder/tasklet/control.sock: its folder must be yours, with mode 0700 *"
}

mkdir -m 755 "$folder/tasklet"
own "$folder/tasklet"
refused

chmod 700 "$folder/tasklet"
ping
expect_status 5
expect_match "$err" "tasklet-ctl: cannot connect to *"

mv "$folder/tasklet" "$folder/real"
ln -s real "$folder/tasklet"
refused

rm "$folder/tasklet"
: >"$folder/tasklet"
own "$folder/tasklet"
refused

if [ -n "$as_user" ]; then # another user's
	rm "$folder/tasklet"
	mkdir -m 700 "$folder/tasklet"
	refused
fi
exit 0
