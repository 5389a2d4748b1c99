/* The output of a command: what comes out of its two pipes goes to its task's
   output, in the order in which it was written. */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include "daemon/output.h"

struct capture;
struct event_base;
struct scheduler;
struct task;

/* Two pipes; NULL, with errno set, where the system gives none. */
struct capture *capture_new(
    struct event_base *base, struct scheduler *scheduler, struct task *task);

/* The end that the command gets. */
int capture_fd(const struct capture *capture, enum output_stream stream);

/* What is in the pipes is taken, and they are closed. NULL is allowed. */
void capture_delete(struct capture *capture);

/* What is in the pipes is taken; what comes after that is read and dropped, as
   who goes on writing is not to die of it. Frees itself when the last of them
   has gone. NULL is allowed. */
void capture_release(struct capture *capture);

/* Closes the pipes of all those that were released. */
void capture_delete_released(void);

#endif
