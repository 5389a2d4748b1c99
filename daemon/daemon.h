/* What the daemon's parts share: made in main, known to methods. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct boot;
struct caller;
struct events;
struct gates;
struct hosts;
struct mailboxes;
struct scheduler;
struct task;
struct waiters;

struct daemon {
	struct scheduler *scheduler;
	struct waiters *waiters;
	struct hosts *hosts;
	struct gates *gates;
	struct mailboxes *mailboxes;
	struct events *events;
	struct boot *boot;
	char instance[33]; /* of this run: 128 random bits in hex */
	int64_t started;   /* ns of the timers' clock */
	size_t page;	   /* rows, where no limit is asked for */
	size_t clients;	   /* connections now */
	uint64_t requests; /* since the start */
	bool stopping;	   /* tasks are given their grace to end */

	/* The first caller that speaks for the task, or the one after; NULL
	   after the last. */
	const struct caller *(*speaker)(struct daemon *daemon,
	    const struct task *task, const struct caller *after);

	/* Asks for the shutdown, which begins on a later turn of the loop. */
	void (*shutdown)(struct daemon *daemon);
};

#endif
