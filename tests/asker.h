/* One who asks: a caller on the stage, whose requests wait. */
#ifndef TESTS_ASKER_H
#define TESTS_ASKER_H

#include "daemon/waiter.h"
#include "proto/error.h"
#include "tests/stage.h"

extern struct waiters *waiters;
extern size_t waiters_wakes; /* how often the loop was asked to tell */
extern struct caller caller;
extern size_t caller_wakes; /* how often a reply became ready */
extern size_t ndropped;	    /* requests, by the last drop_all */

/* Bytes of outcomes that are put together in one reply. */
#define ASKER_REPLY 1000

/* Before and after each test, with those of the stage. */
void asker_setup(void);
void asker_teardown(void);

/* An actor below the root; ends `done` with its id; ends failed: "boom". */
struct task *actor(void);
void finish_with_id(struct task *task);
void finish_failed(struct task *task);

/* A request of that id. */
void wait_for(int id, enum waiter_mode mode, struct task *const *which,
    size_t count, double timeout);
void join_one(int id, struct task *task);

/* Tells all who wait for what has ended. */
void tell_all(void);

/* Drops all requests. */
void drop_all(void);

/* What that caller is told next: a reply and to which address, else a
   notification; NULL for nothing. */
char *take_from(struct caller *who, struct address *address);

/* That the next reply has this id, and is that result or error; or that there
   is none. */
void expect_nothing(void);
void expect_reply(int id, const char *kind, const char *want);
void expect_result(int id, const char *want);

/* That the next reply is an error; its data. */
json_t *take_error(int id, enum error_code code);

/* That data[key] is that JSON. */
void expect_data(const json_t *data, const char *key, const char *want);

#endif
