/* Messages between tasks: a mailbox for each task that is sent any, and the
   calls that wait for a reply. */
#ifndef DAEMON_MAILBOX_H
#define DAEMON_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

struct address;
struct caller;
struct mailboxes;
struct task;
struct waiters;

/* What one mailbox holds, and all of them together: messages, and the bytes of
   their bodies. One message is always taken where there is no other. */
#define MAILBOX_MESSAGES 1000
#define MAILBOX_BYTES	 (4U * 1024 * 1024)
#define MAILBOX_TOTAL	 (256U * 1024 * 1024)

/* Calls to one task that wait for a reply. */
#define MAILBOX_CALLS 1000

/* Borrows waiters. */
struct mailboxes *mailboxes_new(struct waiters *waiters);
void mailboxes_delete(struct mailboxes *mailboxes);

/*
 * A message for a live task, from the live task of that id. `body` is JSON
 * text, copied. Messages come out in the order in which they went in. Returns
 * 0, or -1 with a new error.
 */
int mailbox_send(struct mailboxes *mailboxes, struct task *task, uint64_t from,
    const char *body, json_t **error);

/* The same, and the request waits for the reply, at most `timeout` seconds
   (negative: for ever). Where either task ends without one it gets an error. */
int mailbox_call(struct mailboxes *mailboxes, struct task *task, uint64_t from,
    struct caller *caller, struct address *address, const char *body,
    double timeout, json_t **error);

/* The request waits for the next message of a live task, whose function has no
   `mail`, after those who have waited longer. */
void mailbox_receive(struct mailboxes *mailboxes, struct task *task,
    struct caller *caller, struct address *address, double timeout);

/* The next message of a live task as `receive` gives it, to be freed; NULL for
   none. */
char *mailbox_take(struct mailboxes *mailboxes, const struct task *task);
bool mailbox_is_empty(
    const struct mailboxes *mailboxes, const struct task *task);

/* The task that a call was made to, by the number that its message has; 0
   where nobody waits for a reply to it. */
uint64_t mailbox_callee(const struct mailboxes *mailboxes, uint64_t call);

/* Answers such a call with that JSON text, or that error; taken over. */
void mailbox_reply(struct mailboxes *mailboxes, uint64_t call, char *result);
void mailbox_refuse(struct mailboxes *mailboxes, uint64_t call, json_t *error);

/* The scheduler's hook: whoever waits for that task is told. */
void mailboxes_task_ended(struct mailboxes *mailboxes, const struct task *task);

#endif
