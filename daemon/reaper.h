/* This process's children: the commands that it started, and what they left
   behind, which the system gives to it (prctl(2), PR_SET_CHILD_SUBREAPER). */
#ifndef DAEMON_REAPER_H
#define DAEMON_REAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct event_base;
struct reaper;
struct task;

/*
 * Makes this process the reaper of all that descends from it. Whenever some
 * child may have ended, it looks for those left behind, reaps what of these
 * has ended, and calls `swept`. `socket` tells those whose TASKLET_ID is ours.
 * Returns NULL, with errno set, where the system gives no descriptor.
 */
struct reaper *reaper_new(struct event_base *base, const char *socket,
    void (*swept)(void *arg), void *arg);
void reaper_delete(struct reaper *reaper);

/* A command that runs, of that task. Its owner reaps it, then removes it. */
void reaper_add(struct reaper *reaper, pid_t pid, uint64_t task);
void reaper_remove(struct reaper *reaper, pid_t pid);

/* Or gives it up: from now on it is one left behind. */
void reaper_disown(struct reaper *reaper, pid_t pid);

/* The task of a command that runs, by its pid; 0 where there is none. */
uint64_t reaper_task(const struct reaper *reaper, pid_t pid);

/* Asks for a look in the next turn of the loop. */
void reaper_look(struct reaper *reaper);

/*
 * Whether the last look saw someone of whom it cannot tell yet whose it is, as
 * it is ending: it and those it leaves behind may be any task's; after a second
 * it is taken for nobody's. Or the system did not let it look. Another look
 * follows.
 */
bool reaper_is_unsure(const struct reaper *reaper);

/*
 * Those that commands of that task left behind, as found by the last look:
 * how many may be waited for, as they can be signalled; sends a signal to each
 * that did not have it last, and returns whether there were such; logs each;
 * writes them as a JSON array.
 */
size_t reaper_count(const struct reaper *reaper, uint64_t task);
bool reaper_signal(struct reaper *reaper, const struct task *task, int number);
void reaper_log(
    const struct reaper *reaper, const struct task *task, const char *what);
void reaper_describe(FILE *out, const struct reaper *reaper, uint64_t task);

/* Looks now. `swept` is not called. */
void reaper_update(struct reaper *reaper);

#endif
