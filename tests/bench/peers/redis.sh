#!/bin/sh
# Redis on a Unix socket alone, as `redis.sh --socket PATH`. It keeps nothing.
exec redis-server --port 0 --unixsocket "$2" --save '' --appendonly no \
	--daemonize no --dir "$(dirname "$2")"
