/* Messages between tasks: a mailbox for each task that is sent any, and the
   calls that wait for a reply. */
#include "config.h"

#include "daemon/mailbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/caller.h"
#include "daemon/function.h"
#include "daemon/task.h"
#include "daemon/waiter.h"
#include "proto/error.h"
#include "proto/hash.h"
#include "proto/xalloc.h"

struct message {
	STAILQ_ENTRY(message) entry;
	size_t length; /* of its body */
	char text[];   /* a JSON object, as `receive` gives it */
};

/* A request that waits for a message. */
struct receiver {
	struct waiter *waiter; /* first: its slot is the receiver */
	TAILQ_ENTRY(receiver) entry;
	struct mailbox *box;
};

/* A request that waits for the reply to its message. */
struct pending {
	struct waiter *waiter; /* first, as above */
	UT_hash_handle hh;
	LIST_ENTRY(pending) of_callee, of_caller;
	struct mailbox *box; /* of the callee */
	uint64_t number;
};

LIST_HEAD(call_list, pending);

struct mailbox {
	UT_hash_handle hh;
	struct mailboxes *all;
	uint64_t task;
	STAILQ_HEAD(, message) messages;
	TAILQ_HEAD(, receiver) receivers; /* none while there are messages */
	struct call_list calls, made;	  /* to its task, and by it */
	size_t nmessages, bytes, ncalls;
};

struct mailboxes {
	struct waiters *waiters;
	struct mailbox *boxes; /* by task */
	struct pending *calls; /* by number */
	uint64_t last_call;
	size_t bytes; /* in all of them */
};

struct mailboxes *
mailboxes_new(struct waiters *waiters)
{
	struct mailboxes *all = xcalloc(1, sizeof *all);

	all->waiters = waiters;
	return all;
}

static struct mailbox *
find_box(const struct mailboxes *all, uint64_t task)
{
	struct mailbox *box;

	HASH_FIND(hh, all->boxes, &task, sizeof task, box);
	return box;
}

static struct mailbox *
open_box(struct mailboxes *all, uint64_t task)
{
	struct mailbox *box = find_box(all, task);

	if (box != NULL)
		return box;
	box = xcalloc(1, sizeof *box);
	box->all = all;
	box->task = task;
	STAILQ_INIT(&box->messages);
	TAILQ_INIT(&box->receivers);
	LIST_INIT(&box->calls);
	LIST_INIT(&box->made);
	HASH_ADD(hh, all->boxes, task, sizeof box->task, box);
	return box;
}

/* --- what is in a mailbox ------------------------------------------------- */

static void
keep_message(struct mailbox *box, const char *text, size_t length)
{
	size_t size = strlen(text) + 1;
	struct message *message = xmalloc(sizeof *message + size);

	message->length = length;
	memcpy(message->text, text, size);
	STAILQ_INSERT_TAIL(&box->messages, message, entry);
	box->nmessages++;
	box->bytes += length;
	box->all->bytes += length;
}

static void
drop_message(struct mailbox *box)
{
	struct message *message = STAILQ_FIRST(&box->messages);

	STAILQ_REMOVE_HEAD(&box->messages, entry);
	box->nmessages--;
	box->bytes -= message->length;
	box->all->bytes -= message->length;
	free(message);
}

static void
drop_receiver(struct receiver *receiver)
{
	TAILQ_REMOVE(&receiver->box->receivers, receiver, entry);
	free(receiver);
}

static void
drop_call(struct pending *call)
{
	HASH_DEL(call->box->all->calls, call);
	LIST_REMOVE(call, of_callee);
	LIST_REMOVE(call, of_caller);
	call->box->ncalls--;
	free(call);
}

static void
receiver_gone(struct waiter **slot)
{
	drop_receiver((struct receiver *)slot);
}

static void
call_gone(struct waiter **slot)
{
	drop_call((struct pending *)slot);
}

static json_t *
has_ended(const struct mailbox *box, const char *what)
{
	json_t *error = error_new(ERROR_FUNCTION,
	    "task %" PRIu64 " ended before %s", box->task, what);

	error_set_data(error, "task", json_integer((json_int_t)box->task));
	return error;
}

static void
refuse_calls(struct mailbox *box, struct call_list *calls)
{
	struct pending *call;

	while ((call = LIST_FIRST(calls)) != NULL) {
		/* NOLINTNEXTLINE: that one was taken out */
		waiter_refuse(box->all->waiters, call->waiter,
		    has_ended(box, "there was a reply"));
		drop_call(call);
	}
}

static void
close_box(struct mailbox *box)
{
	struct mailboxes *all = box->all;
	struct receiver *receiver;

	while ((receiver = TAILQ_FIRST(&box->receivers)) != NULL) {
		/* NOLINTNEXTLINE: that one was taken out */
		waiter_refuse(all->waiters, receiver->waiter,
		    has_ended(box, "a message came"));
		drop_receiver(receiver);
	}
	refuse_calls(box, &box->calls);
	refuse_calls(box, &box->made);
	while (!STAILQ_EMPTY(&box->messages))
		drop_message(box);
	HASH_DEL(all->boxes, box);
	free(box);
}

void
mailboxes_delete(struct mailboxes *all)
{
	while (all->boxes != NULL)
		close_box(all->boxes);
	free(all);
}

void
mailboxes_task_ended(struct mailboxes *all, const struct task *task)
{
	struct mailbox *box = find_box(all, task->id);

	if (box != NULL)
		close_box(box);
}

/* --- messages ------------------------------------------------------------ */

/* The bound that one more message would pass, as an error; NULL for none. */
static json_t *
check_room(const struct mailbox *box, size_t length)
{
	if (box->nmessages >= MAILBOX_MESSAGES)
		return error_new_limit("messages", MAILBOX_MESSAGES);
	if (box->bytes > 0 && box->bytes + length > MAILBOX_BYTES)
		return error_new_limit("mailbox", MAILBOX_BYTES);
	if (box->all->bytes > 0 && box->all->bytes + length > MAILBOX_TOTAL)
		return error_new_limit("mailboxes", MAILBOX_TOTAL);
	return NULL;
}

/* `call` is 0 where nobody waits for a reply. */
static char *
message_text(const char *body, uint64_t from, uint64_t call)
{
	if (call == 0)
		return xasprintf(
		    "{\"body\":%s,\"from\":%" PRIu64 "}", body, from);
	return xasprintf("{\"body\":%s,\"from\":%" PRIu64 ",\"call\":%" PRIu64
			 "}",
	    body, from, call);
}

static void
deliver(struct mailbox *box, struct task *task, const char *body, uint64_t from,
    uint64_t call)
{
	struct receiver *receiver = TAILQ_FIRST(&box->receivers);
	char *text = message_text(body, from, call);

	if (receiver != NULL) {
		waiter_answer(box->all->waiters, receiver->waiter, text);
		drop_receiver(receiver);
		return;
	}
	keep_message(box, text, strlen(body));
	free(text);
	if (task->function->mail != NULL)
		task->function->mail(task);
}

int
mailbox_send(struct mailboxes *all, struct task *task, uint64_t from,
    const char *body, json_t **error)
{
	struct mailbox *box = open_box(all, task->id);

	*error = check_room(box, strlen(body));
	if (*error != NULL)
		return -1;
	deliver(box, task, body, from, 0);
	return 0;
}

int
mailbox_call(struct mailboxes *all, struct task *task, uint64_t from,
    struct caller *caller, struct address *address, const char *body,
    double timeout, json_t **error)
{
	struct mailbox *box = open_box(all, task->id);
	struct pending *call;

	*error = check_room(box, strlen(body));
	if (*error == NULL && box->ncalls >= MAILBOX_CALLS)
		*error = error_new_limit("calls", MAILBOX_CALLS);
	if (*error != NULL)
		return -1;
	call = xcalloc(1, sizeof *call);
	call->box = box;
	call->number = ++all->last_call;
	HASH_ADD(hh, all->calls, number, sizeof call->number, call);
	LIST_INSERT_HEAD(&box->calls, call, of_callee);
	LIST_INSERT_HEAD(&open_box(all, from)->made, call, of_caller);
	box->ncalls++;
	waiter_new_open(
	    all->waiters, caller, address, "call", timeout, &call->waiter);
	waiter_watch(call->waiter, call_gone);
	deliver(box, task, body, from, call->number);
	return 0;
}

bool
mailbox_is_empty(const struct mailboxes *all, const struct task *task)
{
	const struct mailbox *box = find_box(all, task->id);

	return box == NULL || STAILQ_EMPTY(&box->messages);
}

char *
mailbox_take(struct mailboxes *all, const struct task *task)
{
	struct mailbox *box = find_box(all, task->id);
	char *text;

	if (mailbox_is_empty(all, task))
		return NULL;
	text = xstrdup(STAILQ_FIRST(&box->messages)->text);
	drop_message(box);
	return text;
}

void
mailbox_receive(struct mailboxes *all, struct task *task, struct caller *caller,
    struct address *address, double timeout)
{
	struct mailbox *box = open_box(all, task->id);
	struct receiver *receiver = xcalloc(1, sizeof *receiver);
	char *text = mailbox_take(all, task);

	receiver->box = box;
	TAILQ_INSERT_TAIL(&box->receivers, receiver, entry);
	waiter_new_open(all->waiters, caller, address, "receive", timeout,
	    &receiver->waiter);
	waiter_watch(receiver->waiter, receiver_gone);
	if (text == NULL)
		return;
	waiter_answer(all->waiters, receiver->waiter, text);
	drop_receiver(receiver);
}

static struct pending *
find_call(const struct mailboxes *all, uint64_t number)
{
	struct pending *call;

	HASH_FIND(hh, all->calls, &number, sizeof number, call);
	return call;
}

uint64_t
mailbox_callee(const struct mailboxes *all, uint64_t number)
{
	const struct pending *call = find_call(all, number);

	return call == NULL ? 0 : call->box->task;
}

void
mailbox_reply(struct mailboxes *all, uint64_t number, char *result)
{
	struct pending *call = find_call(all, number);

	waiter_answer(all->waiters, call->waiter, result);
	drop_call(call);
}

void
mailbox_refuse(struct mailboxes *all, uint64_t number, json_t *error)
{
	struct pending *call = find_call(all, number);

	waiter_refuse(all->waiters, call->waiter, error);
	drop_call(call);
}
