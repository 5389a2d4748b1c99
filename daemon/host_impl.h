/* What the parts of hosting share: host.c is programs and their tasks,
   host_function.c what they provide, host_describe.c what they are asked. */
#ifndef DAEMON_HOST_IMPL_H
#define DAEMON_HOST_IMPL_H

#include <sys/queue.h>

#include "daemon/function.h"
#include "daemon/host.h"
#include "daemon/timer.h"
#include "proto/hash.h"

struct waiter;

LIST_HEAD(hosted_list, hosted);
TAILQ_HEAD(hosted_queue, hosted);
LIST_HEAD(question_list, question);
TAILQ_HEAD(question_queue, question);
TAILQ_HEAD(offer_list, offer);
TAILQ_HEAD(host_list, host);

/* A task in the program that runs it. Each of very many tasks has one: keep it
   small. */
struct hosted {
	struct host *host;
	struct task *task;
	LIST_ENTRY(hosted) entry;   /* of the host's tasks */
	TAILQ_ENTRY(hosted) untold; /* while `queued` */
	struct question_list questions;
	bool queued;
	bool run;	/* to be told; until then nothing else is */
	bool cancel;	/* to be told */
	bool held;	/* it is paused */
	bool told_held; /* and that was told */
};

/* A program: made with the first task that it hosts, or function that it
   provides. */
struct host {
	struct hosts *hosts;
	struct caller *caller;	    /* NULL: it is gone */
	struct hosted_list tasks;   /* the youngest first */
	struct hosted_queue untold; /* those with something to tell */
	struct question_queue unasked;
	struct question *asked; /* by number */
	uint64_t last_question;
	struct offer_list offers;
	TAILQ_ENTRY(host) gone;
};

struct hosts {
	struct scheduler *scheduler;
	struct waiters *waiters;
	struct mailboxes *mailboxes;
	void (*wake)(void *arg);
	void *wake_arg;
	struct foreign *functions; /* by name */
	struct host_list gone;	   /* whose tasks have not all ended */
};

/* A function outside the daemon: some task has it, live or finished, or a
   program provides it. */
struct foreign {
	struct function function; /* first: a task's function is it */
	UT_hash_handle hh;
	struct hosts *hosts;
	size_t tasks;
	struct offer_list offers; /* the oldest first */
	struct offer *next;	  /* whose turn it is; NULL: the first's */
	char name[];
};

/* One program's part in a function. */
struct offer {
	TAILQ_ENTRY(offer) of_function;
	TAILQ_ENTRY(offer) of_host;
	struct foreign *foreign;
	struct host *host;
	struct provided provided;
};

/* --- host.c --- */

/* All but name, summary and arguments of a foreign function. */
extern const struct function host_function;

/* The caller's, made if need be. */
struct host *host_of(struct hosts *hosts, struct caller *caller);

/* The program's part of a live task; NULL where none hosts it now. */
struct hosted *hosted_of(const struct task *task);

/* --- host_function.c --- */

/* The function of that name, made if need be. */
struct foreign *foreign_get(struct hosts *hosts, const char *name);

/* Frees it where nothing has it any more. */
void foreign_drop(struct foreign *foreign);

/* The program whose turn it is to run it; NULL for none. */
struct host *foreign_take_turn(struct foreign *foreign);

/* The host provides nothing any more. */
void offers_withdraw(struct offer_list *offers);

/* --- host_describe.c --- */

void questions_handle_timers(struct hosts *hosts);

/* The next question to the program as a line; NULL for none. */
char *question_take_line(struct host *host);

/* All of them are in *to, which need not be initialised. */
void questions_move(struct question_list *from, struct question_list *to);

/* Their task's run has ended: they are answered without the program, while
   that is still there. */
void questions_end(struct question_list *questions);

#endif
