# shellcheck shell=bash disable=SC2154 # boot_lib.sh stands before it
# The package: it installs and starts, an upgrade leaves tasks alone, and
# purged it leaves nothing behind but the user.
install_package
equal "the socket" "active enabled" \
    "$(systemctl is-active taskletd.socket) \
$(systemctl is-enabled taskletd.socket)"
equal "the service is for who has tasks at boot" disabled \
    "$(systemctl is-enabled taskletd.service)"
ends_with 0 tasklet-ctl ping
equal "ping" pong "$out"
matches "man" "*taskletd*" "$(zcat /usr/share/man/man8/taskletd.8.gz)"
for program in /usr/bin/tasklet-ctl /usr/sbin/taskletd; do
	ends_with 0 "$program" --version
done

# The administrator's options hold, and stay.
options='TASKLETD_OPTIONS=--max-retained 7'
echo "$options" >/etc/default/taskletd
ends_with 0 systemctl restart taskletd.service
matches "the command line" "*--max-retained 7*" \
    "$(tr '\0' ' ' <"/proc/$(main_pid)/cmdline")"
ends_with 0 tasklet-ctl spawn -n long sleep 1000
ends_with 0 tasklet-ctl spawn -- sleep 4001
until_true "sleep 4001" pgrep -fx "sleep 4001"

# A later version of it.
mkdir "$work/later"
dpkg-deb --raw-extract /opt/tasklet.deb "$work/later"
sed -i 's/^Version: \(.*\)-1$/Version: \1-2/' "$work/later/DEBIAN/control"
ends_with 0 dpkg-deb --root-owner-group --build "$work/later" \
    "$work/later.deb"
pid=$(main_pid)
ends_with 0 dpkg --force-confold --install "$work/later.deb"
matches "what it says" "*systemctl restart taskletd.service*" "$out"
matches "the version" "*-2" "$(dpkg-query -W -f '${Version}' tasklet)"
equal "the daemon" "$pid" "$(main_pid)"
pgrep -fx "sleep 4001" >/dev/null || fail "the upgrade ended a command"
ends_with 0 tasklet-ctl show long
equal "the options" "$options" "$(cat /etc/default/taskletd)"
ends_with 0 systemctl restart taskletd.service
[ "$pid" != "$(main_pid)" ] || fail "no restart"
ends_with 0 tasklet-ctl ping

# What is disabled stays so in an upgrade.
ends_with 0 systemctl disable taskletd.socket
install_package
equal "the socket that was disabled" disabled \
    "$(systemctl is-enabled taskletd.socket)"
ends_with 0 systemctl enable taskletd.socket

# Removed: it has stopped, and only what is configured is there.
ends_with 0 tasklet-ctl spawn -- sleep 4001
dpkg --listfiles tasklet >"$work/files"
ends_with 0 dpkg --remove tasklet
! processes_of tasklet || fail "removed, it left these processes"
[ ! -e "$socket" ] || fail "removed, it left its socket"
[ -e /etc/default/taskletd ] || fail "removed, not purged, it lost options"
[ -d /var/lib/tasklet ] || fail "removed, not purged, it lost files"

ends_with 0 dpkg --purge tasklet
while read -r file; do
	[ -d "$file" ] || [ ! -e "$file" ] || fail "purged, it left $file"
done <"$work/files"
left=$(find /etc /var/lib /run/systemd/generator* -name '*tasklet*' 2>/dev/null)
equal "what a purge leaves" "" "$left"
equal "units" "" "$(systemctl list-unit-files --no-legend '*tasklet*')"
equal "what has failed" "" \
    "$(systemctl list-units --failed --no-legend '*tasklet*')"
