/* taskletd: the wiring of its parts, its signals and its end. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "daemon/boot.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/events.h"
#include "daemon/fn_basic.h"
#include "daemon/gate.h"
#include "daemon/fn_exec.h"
#include "daemon/host.h"
#include "daemon/listener.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/mailbox.h"
#include "daemon/options.h"
#include "daemon/place.h"
#include "daemon/quote.h"
#include "daemon/recur.h"
#include "daemon/scheduler.h"
#include "daemon/sd.h"
#include "daemon/waiter.h"
#include "proto/limits.h"
#include "proto/standard.h"
#include "proto/xalloc.h"

/* The most rows of the tree that SIGUSR1 logs: stderr may be slow. */
#define LOG_ROWS 10000

/* From the begin of a shutdown to its end, whatever clients do. */
static const struct timeval shutdown_time = {2, 0};
static const struct timeval zero_time = {0, 0};

enum { SIGNALS = 4 };
static const int signals[SIGNALS] = {SIGTERM, SIGINT, SIGUSR1, SIGHUP};

/* The daemon and what only this file knows of it. */
struct process {
	struct daemon daemon; /* first: methods know only that */
	struct loop *loop;
	struct timers *timers;
	struct tasks *tasks;
	struct conns *conns;
	struct listener *listener;
	struct sd *sd;
	struct event *signals[SIGNALS];
	struct event *shutdown; /* zero timeout: it begins */
	struct event *deadline; /* of the shutdown */
	bool is_shutting_down;
	bool is_dismissing; /* its clients */
};

/* --- shutdown ----------------------------------------------------------- */

static void
end_if_done(struct process *p)
{
	if (p->is_shutting_down && conns_count(p->conns) == 0)
		event_base_loopbreak(loop_base(p->loop));
}

static void
clients_hook(void *arg)
{
	struct process *p = arg;

	sd_changed(p->sd);
	if (p->listener != NULL)
		listener_resume(p->listener);
	end_if_done(p);
}

/* All tasks have ended: clients hear of it, and go. */
static void
dismiss_clients(struct process *p)
{
	p->is_dismissing = true;
	(void)waiters_run(p->daemon.waiters, SIZE_MAX);
	conns_shutdown(p->conns);
	event_add(p->deadline, &shutdown_time);
	end_if_done(p);
}

static bool
has_tasks(const struct process *p)
{
	return tasks_live(p->tasks) >
	       scheduler_counts(p->daemon.scheduler)->internal;
}

/* What takes time to end is given its grace; asked again, none. */
static void
cancel_tasks(struct process *p, const struct stop *stop)
{
	const struct cancel cancel = {
	    .reason = "\"the daemon is shutting down\"",
	    .stop = stop,
	};

	scheduler_cancel_all(p->daemon.scheduler, &cancel);
}

static void
begin_shutdown(struct process *p)
{
	log_line(LOG_INFO, "main", "shutting down");
	sd_stopping(p->sd);
	p->is_shutting_down = true;
	listener_delete(p->listener);
	p->listener = NULL;
	p->daemon.stopping = true;
	cancel_tasks(p, &stop_default);
}

static void
shutdown_cb(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;

	(void)fd;
	(void)what;
	if (!p->is_shutting_down)
		begin_shutdown(p);
	if (!p->is_dismissing && !has_tasks(p))
		dismiss_clients(p);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;

	(void)fd;
	(void)what;
	log_line(LOG_WARNING, "main", "%zu clients did not read their replies",
	    conns_count(p->conns));
	event_base_loopbreak(loop_base(p->loop));
}

/* Who asks a second time does not want to wait. */
static void
request_shutdown(struct daemon *daemon)
{
	static const struct stop now = {.grace = 0};
	struct process *p = (struct process *)daemon;

	if (p->is_shutting_down)
		cancel_tasks(p, &now);
	else
		event_add(p->shutdown, &zero_time);
}

/* --- signals ------------------------------------------------------------ */

static void
log_row(const struct task *task, size_t level)
{
	char *name = quote_ascii(task_name(task));

	log_task(LOG_INFO, "tree", task->id, task_name(task),
	    "%*s%s %" PRIu64 " %s, %" PRIu32 " children",
	    (int)(level > 40 ? 40 : level) * 2, "", name, task->id,
	    task_state_name((enum task_state)task->state), task->nchildren);
	free(name);
}

static void
log_tree(const struct process *p)
{
	const struct task *task = task_find(p->tasks, TASK_ROOT_ID);
	size_t i;

	for (i = 0; task != NULL && i < LOG_ROWS; i++) {
		log_row(task, task_depth(task));
		task = task_next(task, NULL);
	}
	if (task != NULL)
		log_line(
		    LOG_INFO, "tree", "and %zu more", tasks_live(p->tasks) - i);
}

/* What is wrong is logged. */
static void
read_tasks(struct process *p)
{
	json_t *errors;

	(void)boot_read(p->daemon.boot, &errors);
	json_decref(errors);
}

static void
signal_cb(evutil_socket_t number, short what, void *arg)
{
	struct process *p = arg;

	(void)what;
	if (number == SIGUSR1)
		log_tree(p);
	else if (number == SIGHUP)
		read_tasks(p);
	else
		request_shutdown(&p->daemon);
}

/* --- set-up and tear-down ----------------------------------------------- */

/* As many descriptors as the system allows. Returns how many; *before is the
   limit that commands get back. */
static size_t
raise_descriptors(struct rlimit *before)
{
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, before);
	limit = *before;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	return (size_t)limit.rlim_cur;
}

/* How many the daemon may use. */
static uint64_t
count_processors(void)
{
	cpu_set_t set;
	long count;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return (uint64_t)CPU_COUNT(&set);
	count = sysconf(_SC_NPROCESSORS_ONLN); /* more than the set holds */
	return count > 0 ? (uint64_t)count : 1;
}

static void
make_instance(char *hex, size_t size)
{
	unsigned char random[16];
	size_t i;

	while (getrandom(random, sizeof random, 0) != sizeof random)
		continue;
	for (i = 0; 2 * i + 2 < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", random[i]);
}

static void
task_ended_hook(void *arg, struct task *task)
{
	struct process *p = arg;

	waiters_task_ended(p->daemon.waiters, task);
	mailboxes_task_ended(p->daemon.mailboxes, task);
	if (p->conns != NULL)
		conns_task_ended(p->conns, task);
	sd_changed(p->sd);
	if (p->is_shutting_down)
		event_add(p->shutdown, &zero_time);
}

static const struct caller *
find_speaker(
    struct daemon *daemon, const struct task *task, const struct caller *after)
{
	return conns_speaker(((struct process *)daemon)->conns, task, after);
}

static void
task_writes_hook(void *arg, struct task *task, size_t length)
{
	(void)arg;
	waiters_task_writes(task, length);
}

static void
happened_hook(void *arg, enum scheduler_event what, struct task *task)
{
	struct process *p = arg;

	events_note(p->daemon.events, p->daemon.scheduler, what, task);
	if (what == EVENT_CREATED)
		sd_changed(p->sd);
}

static void
wake_hook(void *arg)
{
	loop_wake(((struct process *)arg)->loop);
}

static void
bound(size_t *limit, size_t given)
{
	if (given != 0)
		*limit = given;
}

static struct scheduler_limits
bound_tasks(const struct options *options)
{
	struct scheduler_limits limits = scheduler_default_limits;

	bound(&limits.tasks, options->max_tasks);
	bound(&limits.output, options->max_output);
	bound(&limits.retained, options->max_retained);
	bound(&limits.retained_bytes, options->max_retained_bytes);
	bound(&limits.retained_age, options->max_retained_age);
	return limits;
}

static struct conn_limits
bound_clients(const struct options *options, size_t descriptors)
{
	struct conn_limits limits = conn_default_limits(descriptors);

	bound(&limits.clients, options->max_clients);
	limits.clients_per_uid = (limits.clients + 1) / 2;
	bound(&limits.clients_per_uid, options->max_clients_per_uid);
	bound(&limits.message, options->max_message);
	bound(&limits.queued, options->max_queued);
	bound(&limits.reply, options->max_reply);
	bound(&limits.waiting, options->max_waiting);
	return limits;
}

static void
make_tree(struct process *p, const struct options *options)
{
	const struct scheduler_limits limits = bound_tasks(options);
	size_t reply = LIMIT_REPLY;
	const struct scheduler_hooks hooks = {
	    .wake = wake_hook,
	    .ended = task_ended_hook,
	    .happened = happened_hook,
	    .writes = task_writes_hook,
	    .run_ended = recur_run_ended,
	    .resumed = recur_resumed,
	    .begun = recur_begun,
	    .arg = p,
	};

	bound(&reply, options->max_reply);
	p->tasks = tasks_new();
	p->timers = timers_new(timers_monotonic, loop_arm, p->loop);
	p->daemon.waiters = waiters_new(p->timers, reply, wake_hook, p);
	p->daemon.events = events_new();
	p->daemon.mailboxes = mailboxes_new(p->daemon.waiters);
	p->daemon.scheduler =
	    scheduler_new(p->tasks, p->timers, &limits, &hooks, &fn_root);
	p->daemon.hosts = hosts_new(p->daemon.scheduler, p->daemon.waiters,
	    p->daemon.mailboxes, wake_hook, p);
	p->daemon.gates =
	    gates_new(p->daemon.scheduler, count_processors(), wake_hook, p);
	p->daemon.started = timers_now(p->timers);
	p->daemon.shutdown = request_shutdown;
	p->daemon.speaker = find_speaker;
	p->daemon.page = LIMIT_PAGE_DEFAULT;
	bound(&p->daemon.page, options->max_page);
	make_instance(p->daemon.instance, sizeof p->daemon.instance);
	loop_serve(p->loop, p->timers, p->daemon.gates, p->daemon.scheduler,
	    p->daemon.waiters, p->daemon.hosts);
}

static int
make_events(struct process *p)
{
	struct event_base *base = loop_base(p->loop);
	sigset_t set;
	int result = 0;
	size_t i;

	sigemptyset(&set);
	p->shutdown = evtimer_new(base, shutdown_cb, p);
	p->deadline = evtimer_new(base, deadline_cb, p);
	for (i = 0; i < SIGNALS; i++) {
		p->signals[i] = evsignal_new(base, signals[i], signal_cb, p);
		result |= event_add(p->signals[i], NULL);
		sigaddset(&set, signals[i]);
	}
	/* Who started us may have them blocked. */
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	return result;
}

static int
set_up(
    struct process *p, const struct options *options, const struct place *place)
{
	struct rlimit files;
	struct conn_limits limits =
	    bound_clients(options, raise_descriptors(&files));

	log_line(LOG_DEBUG, "main", "at most %zu clients", limits.clients);
	signal(SIGPIPE, SIG_IGN);
	p->loop = loop_new();
	if (p->loop == NULL)
		return -1;
	make_tree(p, options);
	p->conns =
	    conns_new(&p->daemon, loop_base(p->loop), &limits, clients_hook, p);
	if (make_events(p) == -1) {
		log_line(LOG_ERROR, "main", "cannot wait for signals");
		return -1;
	}
	if (exec_create(loop_base(p->loop), p->daemon.scheduler,
		p->daemon.waiters, place->path, p->daemon.instance,
		&files) == -1) {
		log_line(LOG_ERROR, "main", "cannot start commands: %s",
		    strerror(errno));
		return -1;
	}
	p->listener = listener_new(loop_base(p->loop), place, p->conns);
	if (p->listener == NULL)
		return -1;
	p->daemon.boot = boot_new(&p->daemon, options->tasks, place->path);
	read_tasks(p);
	p->sd = sd_new(loop_base(p->loop), &p->daemon);
	return 0;
}

static void
tear_down(struct process *p)
{
	sigset_t all;
	size_t i;

	if (p->loop == NULL)
		return;
	sigfillset(&all);
	listener_delete(p->listener);
	p->listener = NULL;
	conns_delete(p->conns);
	event_free(p->deadline);
	event_free(p->shutdown);
	/* Without its event a signal would end us amid the rest. */
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	for (i = 0; i < SIGNALS; i++)
		event_free(p->signals[i]);
	gates_delete(p->daemon.gates);
	scheduler_delete(p->daemon.scheduler);
	hosts_delete(p->daemon.hosts);
	exec_destroy();
	if (p->daemon.boot != NULL)
		boot_delete(p->daemon.boot);
	events_delete(p->daemon.events);
	mailboxes_delete(p->daemon.mailboxes);
	waiters_delete(p->daemon.waiters);
	tasks_delete(p->tasks);
	timers_delete(p->timers);
	sd_delete(p->sd);
	loop_delete(p->loop);
}

static int
serve(const struct options *options, const struct place *place)
{
	struct process p = {0};
	int status = EXIT_FAILURE;

	if (set_up(&p, options, place) == 0) {
		log_line(LOG_INFO, "main", "taskletd %s listens on %s",
		    PACKAGE_VERSION, place->path);
		if (loop_run(p.loop) == 0)
			status = EXIT_SUCCESS;
	}
	tear_down(&p);
	return status;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct place place;
	int status = EXIT_FAILURE;

	standard_reserve();
	switch (options_read(&options, argc, argv)) {
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	json_set_alloc_funcs(xmalloc, free);
	event_set_mem_functions(xmalloc, xrealloc, free);
	/* So that a pattern's ? matches a character, not a byte. */
	setlocale(LC_CTYPE, "C.UTF-8");
	log_open();
	if (place_find(&place, options.socket) == 0)
		status = serve(&options, &place);
	free(place.path);
	return status;
}
