# shellcheck shell=bash disable=SC2034,SC2317 # all this is for the tests
# What the tests on a booted systemd share: they run after it, with bash.
set -u
service=taskletd.service
socket=/run/tasklet/control.sock
work=$(mktemp -d)
chmod 755 "$work"

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# What the system says about it, where a test failed.
report() {
	local status=$?

	[ "$status" -eq 0 ] && return
	systemctl status --no-pager --full 'tasklet*' >&2
	journalctl --no-pager -o short-precise 2>/dev/null | tail -40 >&2
}
trap report EXIT

# Within a minute, or the test fails: until_true WHAT COMMAND...
until_true() {
	local what=$1 tries=600

	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "$what: not within a minute"
		sleep 0.1
	done
}

equal() { # what, wanted, got
	[ "$2" = "$3" ] || fail "$1: is '$3', not '$2'"
}

matches() { # what, pattern of the shell, got
	# shellcheck disable=SC2053 # it is one
	[[ $3 == $2 ]] || fail "$1: is '$3', not $2"
}

# ends_with STATUS COMMAND...: leaves $out and $err
ends_with() {
	local wanted=$1 status=0

	shift
	out=$("$@" 2>"$work/err") || status=$?
	err=$(cat "$work/err")
	[ "$status" -eq "$wanted" ] ||
	    fail "$*: status $status, not $wanted: $out $err"
}

as() { # user, command...
	timeout 60 runuser -u "$1" -- "${@:2}"
}

ctl() {
	tasklet-ctl --socket "$socket" "$@"
}

property() { # unit, name
	systemctl show --property "$2" --value "$1"
}

main_pid() {
	property "$service" MainPID
}

is_property() { # unit, name, value
	[ "$(property "$1" "$2")" = "$3" ]
}

# Where the machine is a container, it may have forbidden all services.
install_package() {
	rm -f /usr/sbin/policy-rc.d
	dpkg --install /opt/tasklet.deb >"$work/dpkg" 2>&1 ||
	    fail "dpkg --install: $(cat "$work/dpkg")"
}

# The processes of a user; a zombie has ended.
processes_of() { # user
	# shellcheck disable=SC2009 # pgrep has no state to leave out
	ps -o stat=,pid=,args= -u "$1" | grep -v '^Z'
}

# Whether no process runs whose command line is exactly that.
is_gone() {
	! pgrep -fx "$1"
}
