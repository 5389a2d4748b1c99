# shellcheck shell=bash disable=SC2154 # boot_lib.sh stands before it
# The system's service: it is started by its first client, and told from one that
# is not ready, hangs, or has died; whatever it started ends with it.
install_package

# --- as installed -------------------------------------------------------------

ends_with 0 systemd-analyze verify --man=no \
    /lib/systemd/system/taskletd.{service,socket}
equal "systemd-analyze verify" "" "$out$err"
ends_with 0 systemd-analyze security --offline=true --threshold=25 \
    /lib/systemd/system/taskletd.service
equal "taskletd.socket" active "$(systemctl is-active taskletd.socket)"
equal "taskletd.service" inactive "$(systemctl is-active taskletd.service)"
equal "the socket" "660 root tasklet" "$(stat -c '%a %U %G' "$socket")"
equal "its folder" "755 root root" "$(stat -c '%a %U %G' "${socket%/*}")"

useradd --create-home --groups tasklet alice
useradd --create-home --groups tasklet bob
useradd --create-home eve

# --- activation ---------------------------------------------------------------

ends_with 4 as eve tasklet-ctl ping
equal "after one who may not connect" inactive \
    "$(systemctl is-active taskletd.service)"
ends_with 0 as alice tasklet-ctl ping
equal "ping by alice" pong "$out"
equal taskletd.service active "$(systemctl is-active taskletd.service)"
equal "its user" tasklet "$(ps -o user= -p "$(main_pid)")"
equal "its capabilities" 0000000000000000 \
    "$(sed -n 's/^CapEff:\t//p' "/proc/$(main_pid)/status")"
until_true "STATUS" is_property taskletd.service StatusText "0 tasks, 0 clients"

# --- who may what -------------------------------------------------------------

ends_with 0 as alice tasklet-ctl spawn -p -n hers sleep 1000
until_true "STATUS" is_property taskletd.service StatusText "1 task, 0 clients"
ends_with 0 as bob tasklet-ctl list
matches "what bob sees" "*hers*" "$out"
for command in show join cancel pause rerun forget output; do
	ends_with 4 as bob tasklet-ctl "$command" hers
done
ends_with 4 as alice tasklet-ctl shutdown
ends_with 4 as eve tasklet-ctl list
ends_with 0 as alice tasklet-ctl cancel hers
ends_with 0 as bob tasklet-ctl spawn -n his sleep 1000
ends_with 0 tasklet-ctl cancel his

# What alice has left does not spoil a pattern of bob's.
ends_with 0 as bob tasklet-ctl spawn --wait -n hers-too sum
ends_with 0 as bob tasklet-ctl wait 'hers*'
equal "what bob waits for" "1 task ended: 1 done" "$out"

# A command runs as the daemon's user, acts as who spawned it, and is told
# nothing that is the daemon's alone.
# shellcheck disable=SC2016 # the command's sh expands it
ends_with 0 as alice tasklet-ctl spawn --wait -n who -- sh -c '
	id -un; pwd; echo $HOME; umask
	env | grep -E "^(LISTEN|NOTIFY|WATCHDOG)_" || echo none
	tasklet-ctl spawn -n nested sleep 1000 >/dev/null'
ends_with 0 as alice tasklet-ctl output who
equal "what a command is told" \
    "tasklet /var/lib/tasklet /var/lib/tasklet 0077 none" "${out//$'\n'/ }"
ends_with 0 tasklet-ctl --json show nested
matches "whose a command's task is" '*"user":"alice"*' "$out"
ends_with 0 as alice tasklet-ctl cancel nested

# --- the lock-down, and the way out -------------------------------------------

runs() { # status, shell command
	ends_with "$1" as alice tasklet-ctl spawn --wait -- sh -c "$2"
}
install -d -o tasklet /srv/theirs
runs 0 'echo kept >file'
equal "what a command wrote" kept "$(cat /var/lib/tasklet/file)"
for wrong in 'touch /srv/theirs/x' 'ls /home/alice' 'unshare --user true' \
    'cat /dev/kmsg' 'su -c true'; do
	ends_with 0 as alice tasklet-ctl spawn --ok-status "$(seq -s, 1 255)" \
	    --wait -- sh -c "$wrong"
done
install -D -m 644 /usr/share/doc/tasklet/trusted.conf \
    /etc/systemd/system/taskletd.service.d/trusted.conf
systemctl daemon-reload
ends_with 0 systemctl restart taskletd.service
runs 0 'touch /srv/theirs/x && ls /home && unshare --user true'
rm -r /etc/systemd/system/taskletd.service.d
systemctl daemon-reload
ends_with 0 systemctl restart taskletd.service
runs 1 'touch /srv/theirs/x 2>/dev/null || exit 1'

# --- the journal --------------------------------------------------------------

ends_with 0 as alice tasklet-ctl interval -p -n build --max-runs 2 0.01 \
    fail 'no such luck'
id=$out
has_lines() { # count, field=value...
	journalctl --sync
	[ "$(journalctl -o cat "${@:2}" | wc -l)" -eq "$1" ]
}
until_true "journalctl TASK_NAME=build" has_lines 2 TASK_NAME=build
journalctl -o json -n 1 "TASK_ID=$id" >"$work/line"
for field in '"PRIORITY":"4"' '"TASK_NAME":"build"' "\"TASK_ID\":\"$id\"" \
    '"SYSLOG_IDENTIFIER":"taskletd"' '"_SYSTEMD_UNIT":"taskletd.service"' \
    '"MESSAGE":"recur: task'; do
	matches "a line of the journal" "*$field*" "$(cat "$work/line")"
done
has_lines 0 _TRANSPORT=stdout _SYSTEMD_UNIT=taskletd.service ||
    fail "some of the log still goes to stderr"

# --- tasks at start, and reload -----------------------------------------------

mkdir -p /etc/tasklet/tasks.d
at_start() { # name
	echo "{\"jsonrpc\": \"2.0\", \"method\": \"spawn\", \"params\":
	    {\"function\": \"exec\", \"args\": [\"sleep\", \"4000\"],
	     \"name\": \"$1\", \"unique\": true}}" | tr -d '\n'
}
at_start good >/etc/tasklet/tasks.d/10.jsonl
ends_with 0 systemctl reload taskletd.service
ends_with 0 tasklet-ctl --json show good
matches "whose it is" '*"user":"tasklet"*' "$out"
echo nonsense >/etc/tasklet/tasks.d/20.jsonl
ends_with 1 systemctl reload taskletd.service
equal "after a reload that failed" active \
    "$(systemctl is-active taskletd.service)"
is_told() {
	journalctl --sync
	journalctl -o cat -u taskletd.service | grep -F 20.jsonl
}
until_true "what is told of it" is_told
at_start better >/etc/tasklet/tasks.d/20.jsonl
ends_with 0 systemctl reload taskletd.service
ends_with 0 tasklet-ctl show better

# --- a crash leaves no command ------------------------------------------------

leave_commands() {
	ends_with 0 as alice tasklet-ctl spawn -- sleep 4001
	ends_with 0 as alice tasklet-ctl spawn --leftovers keep -- \
	    sh -c 'setsid -f sleep 4002; setsid -f sh -c "setsid -f sleep 4003"'
	# Deaf, and so are its children.
	ends_with 0 as alice tasklet-ctl spawn --grace 1 -- \
	    sh -c 'trap "" TERM HUP; sleep 4004; sleep 4004'
	for number in 4001 4002 4003 4004; do
		until_true "sleep $number" pgrep -fx "sleep $number"
	done
}
leave_no_command() {
	for number in 4001 4002 4003 4004; do
		until_true "the end of sleep $number" is_gone "sleep $number"
	done
}
leave_commands
restarts=$(property taskletd.service NRestarts)
kill -KILL "$(main_pid)"
until_true "a restart" is_property taskletd.service NRestarts $((restarts + 1))
leave_no_command
ends_with 0 as alice tasklet-ctl ping

# --- a loop that hangs --------------------------------------------------------

# Its own idea of the time is shorter, so that it may come late.
mkdir -p /run/systemd/system/taskletd.service.d
printf '[Service]\nWatchdogSec=10\nEnvironment=WATCHDOG_USEC=1000000\n' \
    >/run/systemd/system/taskletd.service.d/watchdog.conf
systemctl daemon-reload
ends_with 0 systemctl restart taskletd.service
pid=$(main_pid)
is_fed() { # since then
	! is_property taskletd.service WatchdogTimestampMonotonic "$1"
}
for _ in 1 2 3; do
	until_true "the watchdog is fed" \
	    is_fed "$(property taskletd.service WatchdogTimestampMonotonic)"
done
equal "the daemon that is well" "$pid" "$(main_pid)"
restarts=$(property taskletd.service NRestarts)
kill -STOP "$pid"
until_true "the watchdog" is_property taskletd.service NRestarts $((restarts + 1))
ends_with 0 as alice tasklet-ctl ping

# --- stop ---------------------------------------------------------------------

leave_commands
begin=$SECONDS
ends_with 0 systemctl stop taskletd.service
[ $((SECONDS - begin)) -le 60 ] || fail "it took $((SECONDS - begin)) s to stop"
equal "how it ended" success "$(property taskletd.service Result)"
! processes_of tasklet || fail "it left these processes"
[ -S "$socket" ] || fail "the socket has gone, which is systemd's"
ends_with 0 as alice tasklet-ctl ping
ends_with 0 systemctl stop taskletd.socket
[ ! -e "$socket" ] || fail "the socket is still there"
equal taskletd.service inactive "$(systemctl is-active taskletd.service)"

# --- at boot ------------------------------------------------------------------

ends_with 0 systemctl enable --now taskletd.service
equal "taskletd.socket" active "$(systemctl is-active taskletd.socket)"
ends_with 0 tasklet-ctl show good
ends_with 0 tasklet-ctl show better
equal "after a start by hand" pong "$(as alice tasklet-ctl ping 2>&1 | tail -1)"
ends_with 0 tasklet-ctl shutdown
until_true "the end" is_property taskletd.service ActiveState inactive
equal "after a shutdown" success "$(property taskletd.service Result)"
