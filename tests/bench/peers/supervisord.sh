#!/bin/sh
# As tasklets.lua, with supervisord: `exec COUNT` starts a group of so many
# programs, `listen` lets it idle. It says "ready PID".
set -eu
command -v supervisord supervisorctl >/dev/null
folder=$1 what=$2 count=$3
conf=$folder/supervisord.conf

cat >"$conf" <<END
[supervisord]
nodaemon=true
logfile=$folder/supervisord.log
pidfile=$folder/supervisord.pid
[unix_http_server]
file=$folder/supervisord.sock
[supervisorctl]
serverurl=unix://$folder/supervisord.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:true]
command=/bin/true
process_name=%(process_num)d
numprocs=$([ "$what" = exec ] && echo "$count" || echo 1)
autostart=false
autorestart=false
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
END

supervisord -c "$conf" >/dev/null 2>&1 &
server=$!
trap 'kill $server; wait; exit' TERM EXIT
until supervisorctl -c "$conf" pid >/dev/null 2>&1; do
	kill -0 $server
done
echo "ready $server"
read -r _
if [ "$what" = exec ]; then
	# It takes one that ends at once for one that failed.
	supervisorctl -c "$conf" start 'true:*' >/dev/null || :
	while supervisorctl -c "$conf" status | grep -qv EXITED; do
		:
	done
fi
echo "done"
read -r _
