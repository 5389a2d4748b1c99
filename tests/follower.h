/* One who asks to follow the output of tasks on the stage. */
#ifndef TESTS_FOLLOWER_H
#define TESTS_FOLLOWER_H

#include "daemon/output.h"
#include "tests/asker.h"

/* All there is, from the beginning, as text. */
extern const struct output_read all;

/* A request of that id. */
void follow(int id, struct task *task, const struct output_read *read);

/* The task writes, or ends. */
void write_out(struct task *task, const char *text);
void write_error(struct task *task, const char *text);
void finish_and_tell(struct task *task);

/* That the caller is told this next; `params` are those after the task's id,
   without the closing brace. */
void expect_output(const struct task *task, const char *params);

/* That the caller's last request is answered: so many bytes were written, and
   lost. */
void expect_end(int id, unsigned next, unsigned lost);

#endif
