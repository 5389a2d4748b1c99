#!/bin/bash
# sdboot.sh SCRIPT [SETUP]: boots this machine's own systemd as PID 1 of fresh
# namespaces, over a throw-away overlay of /, in about a second; needs root.
# "SETUP ROOT" runs before the boot, SCRIPT inside after it, with bash; its exit
# status comes back. Nothing is downloaded, and nothing is left behind. /tmp and
# what the machine's administrator has enabled are hidden inside.
set -eu
self=$(readlink -f "$0")
root=/mnt/root

become_pid1() {
	cd "$root"
	mount -t sysfs -o ro sysfs sys
	mount -t cgroup2 cgroup2 sys/fs/cgroup
	mount --bind proc/sys proc/sys
	mount -o remount,bind,ro proc/sys
	mkdir run/.old
	pivot_root . run/.old
	umount -l /run/.old
	rmdir /run/.old
	# systemd does this itself only outside containers.
	mount --make-rshared /
	exec env -i container=sdboot PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    setpriv --inh-caps=-all \
	    --bounding-set -sys_time,-audit_control,-audit_read \
	    /lib/systemd/systemd --unit=multi-user.target \
	    --log-target=journal --show-status=0 </dev/null >/dev/null 2>&1
}

case ${SDBOOT-} in
'')
	SDBOOT=namespaces exec unshare --mount --propagation private \
	    "$self" "$@"
	;;
pid1) become_pid1 ;;
esac

script=$1
setup=${2-}

# Or mount(8) leaves /run/mount on the host.
mount -n -t tmpfs tmpfs /run
mount -t tmpfs -o mode=755,size=512m tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/cgroup "$root"
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay \
    "$root"
mount -t tmpfs -o mode=755 tmpfs "$root/etc/systemd/system"
: >"$root/etc/fstab"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
for name in null zero full random urandom tty; do
	cp -a "/dev/$name" "$root/dev/"
	chmod 666 "$root/dev/$name"
done
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
for name in 0:stdin 1:stdout 2:stderr; do
	ln -s "fd/${name%:*}" "$root/dev/${name#*:}"
done
[ -z "$setup" ] || "$setup" "$root"

# A cgroup of its own is how all of it ends.
mount -t cgroup2 cgroup2 /mnt/cgroup
cgroup=/mnt/cgroup/sdboot.$$
mkdir "$cgroup"

cleanup() {
	exec 2>/dev/null
	echo 1 >"$cgroup/cgroup.kill"
	wait || :
	for _ in $(seq 50); do
		grep -q 'populated 0' "$cgroup/cgroup.events" && break
		sleep 0.1
	done
	find "$cgroup" -depth -type d -exec rmdir {} \;
}
trap cleanup EXIT
trap 'exit 143' INT TERM HUP

(
	echo "$BASHPID" >"$cgroup/cgroup.procs"
	SDBOOT=pid1 exec setpriv --pdeathsig KILL unshare --mount \
	    --propagation private --pid --fork --kill-child --uts --ipc --net \
	    --cgroup --mount-proc="$root/proc" "$self"
) &
unshared=$!

# The state of the system inside, once there is one.
look() {
	local children

	children=$(cat "/proc/$unshared/task/$unshared/children" 2>/dev/null)
	leader=${children%% *}
	[ -n "$leader" ] &&
	    [ "$(cat "/proc/$leader/comm" 2>/dev/null)" = systemd ] &&
	    nsenter -t "$leader" -a systemctl is-system-running 2>/dev/null
}

state=
for _ in $(seq 600); do
	look >/mnt/state || :
	state=$(cat /mnt/state)
	case $state in
	running | degraded) break ;;
	esac
	kill -0 "$unshared" || exit 1
	sleep 0.1
done
case $state in
running | degraded) ;;
*)
	echo "sdboot: not up after a minute: $state" >&2
	exit 1
	;;
esac

# In the background: traps fire at once. Not on stdin: what reads that would read
# the rest of the script.
nsenter -t "$leader" -a /bin/bash /dev/fd/3 3<"$script" </dev/null &
wait $!
