#!/bin/sh
# The sums of the tasklet page: two tasks, whose results are waited for. Run it
# as a task, so that they are its children: tasklet-ctl run -- ./join.sh
ctl=${TASKLET_CTL:-tasklet-ctl}

t1=$("$ctl" spawn -p sum 10 20)
t2=$("$ctl" spawn -p sum 30 40)
"$ctl" join "$t1"
"$ctl" join "$t2"
