/* Tasks at start: requests in files, done by the daemon itself. */
#ifndef DAEMON_BOOT_H
#define DAEMON_BOOT_H

#include <stddef.h>
#include <jansson.h>

struct boot;
struct daemon;

/*
 * Of the files *.jsonl in that folder. NULL is the one that goes with the
 * socket, which may be missing: the system's, SYSCONFDIR/tasklet/tasks.d, with
 * the system's; the user's own, ~/.config/tasklet/tasks.d, with his; none with
 * any other.
 */
struct boot *boot_new(
    struct daemon *daemon, const char *folder, const char *socket);
void boot_delete(struct boot *boot);

/*
 * Does what the files say that are new or have changed since the last time, in
 * the order of their names, a request a line. Blank lines, and those that
 * begin with a '#', are none. What is wrong is logged, the rest goes on: each
 * such line is an object of file, line and message in *errors, a new array.
 * That a task with a `unique` name runs already is not wrong. Returns how many
 * requests were done.
 */
size_t boot_read(struct boot *boot, json_t **errors);

#endif
