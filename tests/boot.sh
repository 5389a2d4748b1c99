#!/bin/sh
# boot.sh TEST: runs tests/*.boot inside a systemd that is booted for it
# (sdboot.sh), after boot_lib.sh, with the package of `make deb` there as
# /opt/tasklet.deb. BOOT_DEB names one that is made already; else the first
# test makes it, for all of the build.
set -u
: "${top_builddir:=.}" "${top_srcdir:=.}"

skip() {
	echo "SKIP: $*" >&2
	exit 77
}

# As sdboot.sh is going to do.
can_overlay() {
	unshare --mount --pid --fork --cgroup --uts --ipc --net sh -c '
		mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r &&
		mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w \
		    overlay /mnt/r && mkdir /mnt/c &&
		mount -t cgroup2 cgroup2 /mnt/c'
}

[ "$(id -u)" -eq 0 ] || skip "only root can boot a system"
[ -x /lib/systemd/systemd ] || skip "no systemd to boot"
for tool in setpriv nsenter flock dpkg-deb dpkg-shlibdeps dbus-daemon socat; do
	command -v "$tool" >/dev/null || skip "no $tool"
done
[ -e /usr/lib/systemd/user/dbus.socket ] || skip "no dbus-user-session"
set -- "$1" /lib/*/security/pam_systemd.so
[ -e "$2" ] || skip "no libpam-systemd"
can_overlay 2>/dev/null || skip "no overlay or no cgroup2 to be mounted"

folder=$(mktemp -d "${TMPDIR:-/tmp}/tasklet-boot.XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

is_fresh() {
	[ -e "$deb" ] && [ -z "$(find "$top_srcdir/proto" "$top_srcdir/daemon" \
	    "$top_srcdir/client" "$top_srcdir/systemd" -newer "$deb" \
	    \( -name '*.[ch]' -o -name '*.lua' -o -name '*.in' -o -path '*/deb/*' \) )" ]
}

# The tests of a build run side by side, and one of them makes it.
make_package() (
	flock 9
	is_fresh && return
	timeout 900 make -C "$top_builddir" deb deb="${deb##*/}" >&2
) 9>"$top_builddir/boot.lock"

deb=${BOOT_DEB:-}
if [ -z "$deb" ]; then
	deb=$top_builddir/tasklet_test.deb
	make_package || exit 1
fi

cat >"$folder/setup" <<END
#!/bin/sh
cp '$(realpath "$deb")' "\$1/opt/tasklet.deb"
# A test starts a service more often than is allowed to who keeps crashing.
for who in system user; do
	mkdir -p "\$1/etc/systemd/\$who.conf.d"
	printf '[Manager]\nDefaultStartLimitIntervalSec=0\n' \
	    >"\$1/etc/systemd/\$who.conf.d/often.conf"
done
END
chmod 755 "$folder/setup"
cat "$top_srcdir/tests/boot_lib.sh" "$1" >"$folder/script"
timeout 600 "$top_srcdir/tests/sdboot.sh" "$folder/script" "$folder/setup"
