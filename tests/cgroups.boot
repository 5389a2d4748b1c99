# shellcheck shell=bash disable=SC2154 # boot_lib.sh stands before it
# Each command of a service has a cgroup, which goes with it, and with which all
# that it started goes.
install_package
ends_with 0 tasklet-ctl --json stats
matches "stats" '*"cgroups":true*' "$out"
folder=/sys/fs/cgroup/system.slice/taskletd.service
equal "the daemon's" "0::/system.slice/taskletd.service/taskletd" \
    "$(grep '^0:' "/proc/$(main_pid)/cgroup")"

ids() { # of the cgroups that there are
	find $folder -name 'task-*' -printf '%f ' | sed 's/task-//g'
}
spawn() { # option or argument...
	ends_with 0 tasklet-ctl spawn -p "$@"
	id=$out
}
count_is() { # of processes in the cgroup of $id
	[ "$(wc -l <"$folder/task-$id/cgroup.procs")" -eq "$1" ]
}
# What was left behind is known only once its setsid has become it.
end_process() { # command line
	until_true "a process '$1'" pgrep -fx "$1"
	pkill -fx "$1"
}
no_cgroup() {
	[ -z "$(ids)" ]
}

# All that it starts is in there, whatever it does to its session.
spawn -n job -- sh -c 'sleep 4001 & setsid -f sleep 4002; wait'
until_true "three processes" count_is 3
equal "its cgroup" "$id " "$(ids)"
ends_with 0 tasklet-ctl --json show job
matches "show" '*"cpu":{"user":*' "$out"
ends_with 0 tasklet-ctl cancel job
until_true "its end" no_cgroup
is_gone 'sleep 400[12]' || fail "it left something"

# Its CPU is that of all it started, also of what it does not wait for.
# shellcheck disable=SC2016 # the commands' sh expands it
spawn -n busy --leftovers keep -- sh -c 'setsid -f sh -c "i=0
	while [ \$i -lt 500000 ]; do i=\$((i + 1)); done; exec sleep 4007"
	while ! pgrep -fx "sleep 4007" >/dev/null; do sleep 0.1; done'
ends_with 0 tasklet-ctl join busy
tasklet-ctl --json show busy | sed -n 's/.*"cpu":{"user":\([0-9.]*\).*/\1/p' \
    >"$work/user"
awk '{ exit $1 < 0.02 }' "$work/user" || fail "CPU: $(cat "$work/user")"
end_process "sleep 4007"

# Fifty that are deaf, at once.
# shellcheck disable=SC2016 # the command's sh expands it
spawn --grace 0 -- sh -c 'trap "" TERM; i=0
	while [ $i -lt 50 ]; do i=$((i + 1)); setsid -f sleep 4003; done; wait
	sleep 4003'
until_true "fifty-one processes" count_is 52
ends_with 0 tasklet-ctl cancel "$id"
until_true "their end" no_cgroup
is_gone "sleep 4003" || fail "it left something"

# What may be left alive keeps it until it ends.
spawn --leftovers keep --wait -- sh -c 'setsid -f sleep 4004'
[ -n "$(ids)" ] || fail "a cgroup was removed with a process in it"
end_process "sleep 4004"
until_true "the end of what was kept" no_cgroup

# A command that never starts leaves none.
ends_with 127 tasklet-ctl run -- /no/such/command
until_true "its end" no_cgroup

# Limits hold, or are refused.
has() { # controller
	grep -qw "$1" $folder/cgroup.subtree_control
}
refuses() { # option, value
	ends_with 2 tasklet-ctl spawn "--$1" "$2" -- true
	matches "the error" "*${1/-/_}*was not given that controller*" "$err"
}
if ! has memory; then
	refuses memory-max 20000000
elif [ "$(wc -l </proc/swaps)" -le 1 ]; then # or it is only slow
	ends_with 137 tasklet-ctl spawn --wait --memory-max 20000000 -- \
	    /usr/bin/python3 -c 'len(b"x" * 200000000)'
fi
if has pids; then
	ends_with 0 tasklet-ctl spawn -n few --tasks-max 3 -- \
	    sh -c 'for i in 1 2 3 4 5; do sleep 9 & done; kill 0'
	tasklet-ctl join few
	ends_with 0 tasklet-ctl output few
	matches "what it said" "*fork*" "$out"
else
	refuses tasks-max 3
fi
if has cpu; then
	spawn --cpu-weight 7 -- sleep 4005
	until_true "its process" count_is 1
	equal "cpu.weight" 7 "$(cat "$folder/task-$id/cpu.weight")"
	ends_with 0 tasklet-ctl cancel "$id"
else
	refuses cpu-weight 7
fi

# After a crash there are some anew.
spawn -- sleep 4006
kill -KILL "$(main_pid)"
until_true "a restart" is_property taskletd.service NRestarts 1
until_true "the end of the command" is_gone "sleep 4006"
spawn -- sleep 4006
until_true "a process" count_is 1
ends_with 0 systemctl stop taskletd.socket
until_true "the end" is_property taskletd.service ActiveState inactive
until_true "the end of its cgroup" test ! -d $folder

# Without delegation there are none, and commands run as ever.
mkdir -p /run/systemd/system/taskletd.service.d
printf '[Service]\nDelegate=no\n' \
    >/run/systemd/system/taskletd.service.d/none.conf
systemctl daemon-reload
ends_with 0 systemctl start taskletd.socket
ends_with 0 tasklet-ctl --json stats
matches "stats" '*"cgroups":false*' "$out"
spawn --wait -- true
ends_with 2 tasklet-ctl spawn --memory-max 20000000 -- true
matches "the error" "*memory_max*has no cgroups*" "$err"
