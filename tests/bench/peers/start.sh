#!/bin/sh
# Starts a peer, if it is there; claim_lua.c and peers.c call it.
# Programs that are made first are made in FOLDER.
set -eu
folder=$1 peer=$2
shift 2
here=$(dirname "$0")

case $peer in
go)
	if [ ! -e "$folder/goroutines" ]; then
		mkdir "$folder/go"
		GOCACHE=$folder/go GOPATH=$folder/go GO111MODULE=off \
			go build -o "$folder/goroutines" "$here/goroutines.go"
		rm -rf "$folder/go"
	fi
	exec "$folder/goroutines" "$@"
	;;
erlang)
	if [ ! -e "$folder/processes.beam" ]; then
		erlc -o "$folder" "$here/processes.erl"
	fi
	exec erl +S 1 +P 2000000 -noshell -pa "$folder" -run processes main "$@"
	;;
# Debian's packages are for Debian's Python.
asyncio) exec /usr/bin/python3 "$here/coroutines.py" "$@" ;;
gevent) exec /usr/bin/python3 "$here/greenlets.py" "$@" ;;
tarantool) exec tarantool "$here/fibers.lua" "$@" ;;
task-spooler | supervisord) exec sh "$here/$peer.sh" "$folder" "$@" ;;
esac
