#!/bin/sh
# make.sh SOURCE OUT: the Debian package OUT, of a folder that `make distdir` has
# made, which this configures and builds. `make deb` calls it.
set -eu
source=$(cd "$1" && pwd)
out=$(pwd)/$2
root=$source/deb-root

step() {
	echo "  DEB      $*"
}

cd "$source"
step "configure"
./configure --quiet --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
    >configure.out 2>&1 || {
	cat configure.out
	exit 1
}
step "make"
make --silent -j"$(nproc)"
step "make install"
make --silent install DESTDIR="$root" >install.out 2>&1 || {
	cat install.out
	exit 1
}

# As Debian has them: stripped, and manuals compressed.
find "$root/usr/bin" "$root/usr/sbin" -type f -exec strip {} +
find "$root/usr/share/man" -type f -exec gzip -9n {} +
install -m 644 LICENSE "$root/usr/share/doc/tasklet/copyright"
install -m 644 NEWS README.md "$root/usr/share/doc/tasklet"

# What dpkg-shlibdeps reads it for is the name alone.
mkdir debian "$root/DEBIAN"
echo "Source: tasklet" >debian/control
depends=$(find "$root/usr/bin" "$root/usr/sbin" -type f \
    -exec dpkg-shlibdeps --warnings=0 -O {} + |
    sed -n 's/^shlibs:Depends=//p')
version=$(sed -n "s/^PACKAGE_VERSION='\(.*\)'/\1/p" config.log)
install -m 755 systemd/deb/postinst systemd/deb/prerm systemd/deb/postrm \
    "$root/DEBIAN"
echo /etc/default/taskletd >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<END
Package: tasklet
Version: $version-1
Architecture: $(dpkg --print-architecture)
Maintainer: The tasklet authors <tasklet@localhost>
Section: utils
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends, init-system-helpers, systemd
Description: one live tree of named tasks, for every program on the machine
 taskletd keeps commands, timers and the tasks of connected programs in one
 tree, which any program spawns, joins, cancels and inspects with JSON over a
 Unix socket. tasklet-ctl does so from a shell.
END
step "dpkg-deb"
dpkg-deb --root-owner-group --build "$root" "$out"
