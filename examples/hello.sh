#!/bin/sh
# The greeting of the tasklet page. Run it as a task, so that what it spawns are
# its children: tasklet-ctl run -- ./hello.sh
ctl=${TASKLET_CTL:-tasklet-ctl}

hello=$("$ctl" spawn -p -- echo Hello)
world=$("$ctl" spawn -p -- echo World)
echo 'start done.'

# What tasks print is theirs: this prints it, until they have ended.
"$ctl" log -f "$hello"
"$ctl" log -f "$world"
