/* tasklet-ctl run: a command as a task, as if it was run here. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/chunk.h"
#include "client/command.h"
#include "client/ending.h"
#include "client/interrupt.h"
#include "client/report.h"
#include "client/spawn.h"
#include "proto/bytes.h"
#include "proto/error.h"

#define INPUT_SIZE 65536

/* What becomes a cancel. */
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t caught; /* the last signal, until it is noted */

struct run {
	struct call *call;
	json_int_t task; /* 0 until it is known */

	/* Requests that are not answered, or 0. */
	json_int_t spawn, follow, join, show, write;

	int input;	   /* -1: nothing more is to be read */
	bool is_cut;	   /* not all of the input could be read */
	uint64_t lost;	   /* bytes of output, as told */
	int signal;	   /* the first that came, or what made us cancel */
	int count;	   /* of signals */
	bool is_cancelled; /* by us */
	bool is_deaf;	   /* output is dropped */
	bool has_signal;   /* the user said what signal ends the command */
	int write_error;   /* why its output cannot be written; 0 */
	int status;
	sigset_t mask; /* while we wait */
};

static void
catch_signal(int number)
{
	caught = number;
}

/* They come only while we wait. One that is ignored, as under nohup, stays
   so. */
static void
catch_signals(struct run *run)
{
	struct sigaction action = {.sa_handler = catch_signal}, old;
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		sigaction(signals[i], NULL, &old);
		if (old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
		sigaddset(&blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, &run->mask);
	signal(SIGPIPE, SIG_IGN);
}

/* Asks the command to end as that signal would, or ends it. */
static void
cancel(struct run *run, int number, bool now)
{
	json_t *params = json_pack("{s:I}", "task", run->task);

	if (now)
		json_object_set_new(params, "grace", json_integer(0));
	else if (!run->has_signal)
		json_object_set_new(params, "signal", json_integer(number));
	json_object_set_new(params, "reason",
	    json_sprintf("tasklet-ctl run: %s", strsignal(number)));
	call_send(run->call, "cancel", params);
	run->is_cancelled = true;
}

/* The first asks the command to end, the second ends it, and a third does not
   wait for that. */
static void
note_signal(struct run *run)
{
	int number = caught;

	if (number == 0)
		return;
	caught = 0;
	run->count++;
	if (run->signal == 0)
		run->signal = number;
	if (run->count > 2 || (run->count > 1 && run->task == 0))
		exit(128 + number);
	if (run->count > 1)
		run->is_deaf = true;
	if (run->task != 0)
		cancel(run, run->signal, run->count > 1);
}

static void
stop_output(struct run *run, int error)
{
	run->is_deaf = true;
	if (error != EPIPE)
		run->write_error = error;
	if (run->is_cancelled)
		return;
	run->signal = SIGPIPE;
	cancel(run, SIGPIPE, false);
}

/* No more at a time than a pipe takes that is ready, so that a signal comes
   through. */
static void
write_output(struct run *run, int fd, const char *data, size_t length)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	ssize_t count;

	while (length > 0 && !run->is_deaf) {
		if (interrupt_poll(&poller, 1, NULL, &run->mask) == -1) {
			note_signal(run);
			call_flush(run->call);
			continue;
		}
		count = write(fd, data, length < PIPE_BUF ? length : PIPE_BUF);
		if (count == -1 && errno != EAGAIN && errno != EINTR)
			stop_output(run, errno);
		if (count > 0) {
			data += count;
			length -= (size_t)count;
		}
	}
}

static void
note_lost(struct run *run, json_int_t lost)
{
	if (lost <= 0)
		return;
	run->lost += (uint64_t)lost;
	report_notice("%" JSON_INTEGER_FORMAT " bytes of output are lost: they "
		      "came faster than they are taken here",
	    lost);
}

static void
note_output(void *arg, json_t *params)
{
	struct run *run = arg;
	struct chunk chunk;

	if (chunk_create(&chunk, params, true) == -1)
		call_refuse_result(run->call);
	note_lost(run, chunk.lost);
	write_output(run, chunk.is_stderr ? STDERR_FILENO : STDOUT_FILENO,
	    chunk.data, chunk.length);
	chunk_destroy(&chunk);
}

static void
note_spawned(struct run *run, json_t *result)
{
	if (json_unpack(result, "{s:I}", "id", &run->task) == -1 ||
	    run->task <= 0)
		call_refuse_result(run->call);
	run->follow = call_send(run->call, "output",
	    json_pack("{s:I, s:b, s:s}", "task", run->task, "follow", 1,
		"encoding", "base64"));
	run->join =
	    call_send(run->call, "join", json_pack("{s:I}", "task", run->task));
	if (run->signal != 0)
		cancel(run, run->signal, false);
}

static void
note_followed(struct run *run, const json_t *result)
{
	struct chunk chunk;

	if (chunk_create(&chunk, result, true) == -1)
		call_refuse_result(run->call);
	note_lost(run, (json_int_t)((uint64_t)chunk.lost - run->lost));
	chunk_destroy(&chunk);
}

/* It was over its time, or it could not be started: as a shell has it. */
static int
failure_status(const json_t *cause)
{
	const char *step = NULL, *error = "";
	json_t *data = json_object_get(cause, "data");
	json_int_t code = json_integer_value(json_object_get(cause, "code"));

	if (code == ERROR_TIMEOUT)
		return STATUS_TIMEOUT;
	json_unpack(data, "{s:s, s:s}", "step", &step, "error", &error);
	if (step == NULL || strcmp(step, "exec") != 0)
		return STATUS_OWN;
	return strcmp(error, "ENOENT") == 0 ? STATUS_NO_COMMAND :
					      STATUS_NOT_EXECUTABLE;
}

/* What it failed with; of one that was cancelled, `show` tells. */
static void
note_failed(struct run *run, const json_t *error)
{
	const char *state = "";
	json_t *cause = NULL;

	json_unpack((json_t *)error, "{s:{s:s, s:o}}", "data", "state", &state,
	    "cause", &cause);
	run->status = ending_failure(cause);
	if (run->status != -1)
		return;
	if (strcmp(state, "cancelled") != 0 || !run->is_cancelled)
		report_error(error);
	if (strcmp(state, "timeout") == 0)
		run->status = STATUS_TIMEOUT;
	else if (strcmp(state, "cancelled") == 0)
		run->show = call_send(
		    run->call, "show", json_pack("{s:I}", "task", run->task));
	else
		run->status = failure_status(cause);
}

static void
note_joined(struct run *run, const struct reply *reply)
{
	if (reply->error != NULL) {
		note_failed(run, reply->error);
		return;
	}
	run->status = ending_status(reply->result);
	if (run->status == -1)
		call_refuse_result(run->call);
}

/* How one ended that was cancelled, if it had begun; NULL where that is not
   told, and it has been sent a signal. */
static void
note_shown(struct run *run, const json_t *shown)
{
	run->status = ending_status(shown);
	if (run->status != -1)
		return;
	if (run->is_cancelled)
		run->status = 128 + run->signal;
	else
		run->status = shown != NULL ? STATUS_OWN : 128 + SIGTERM;
}

/* A command that does not read all has not failed. A daemon that shuts down
   refuses it, and tells of the end too. */
static void
note_written(struct run *run, const json_t *error)
{
	json_int_t code = json_integer_value(json_object_get(error, "code"));

	if (error == NULL)
		return;
	run->input = -1;
	if (code != ERROR_FUNCTION && code != ERROR_NO_SUCH_TASK &&
	    code != ERROR_CANCELLED)
		report_error(error);
}

static void
note_reply(struct run *run, const struct reply *reply)
{
	json_int_t id = json_integer_value(reply->id);

	if (id == run->write) {
		run->write = 0;
		note_written(run, reply->error);
	} else if (id == run->join) {
		run->join = 0;
		note_joined(run, reply);
	} else if (id == run->show) {
		run->show = 0;
		note_shown(run, reply->result);
	} else if (reply->error != NULL &&
		   (id == run->spawn || id == run->follow)) {
		exit(report_error(reply->error));
	} else if (id == run->spawn) {
		run->spawn = 0;
		note_spawned(run, reply->result);
	} else if (id == run->follow) {
		run->follow = 0;
		note_followed(run, reply->result);
	}
}

/* One that is closed has no more to be read. */
static void
note_unread(struct run *run, int error)
{
	if (error == EBADF)
		return;
	report_notice("cannot read the input: %s", strerror(error));
	run->is_cut = true;
}

static void
pass_input(struct run *run)
{
	static char data[INPUT_SIZE];
	ssize_t count = read(run->input, data, sizeof data);
	json_t *params;

	if (count == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count == -1)
		note_unread(run, errno);
	params = json_pack("{s:I}", "task", run->task);
	if (count > 0) {
		json_object_set_new(
		    params, "data", bytes_new(data, (size_t)count));
	} else {
		json_object_set_new(params, "eof", json_true());
		run->input = -1;
	}
	run->write = call_send(run->call, "write", params);
}

static void
wait_for_end(struct run *run)
{
	struct reply reply;
	int input;

	for (;;) {
		while (call_take(run->call, &reply))
			note_reply(run, &reply);
		note_signal(run);
		if (run->spawn + run->join + run->follow + run->show == 0)
			return;
		input = run->task != 0 && run->write == 0 ? run->input : -1;
		if (call_wait(run->call, input, &run->mask))
			pass_input(run);
	}
}

/* Not through the message, as with spawn: of any length, as it comes. */
static int
open_input(const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		report_fail(STATUS_OWN, "InputError", "cannot read %s: %s",
		    path, strerror(errno));
	return fd;
}

static int
final_status(const struct run *run)
{
	if (run->write_error != 0)
		report_fail(STATUS_OWN, "OutputError",
		    "cannot write the output: %s", strerror(run->write_error));
	/* Who reads what is left must not take it for all there was. */
	if ((run->lost > 0 || run->is_cut) && run->status == STATUS_OK)
		return STATUS_OWN;
	return run->status;
}

/* A daemon that shuts down has told of the end, and may be gone before it can
   be asked for more. */
static void
note_gone(void *arg)
{
	struct run *run = arg;

	if (run->show == 0 || run->follow != 0)
		return;
	note_shown(run, NULL);
	exit(final_status(run));
}

static int
run_run(struct client *client, int argc, char **argv)
{
	struct run run = {.call = &client->call};
	struct spawn spawn;
	int c;

	report_set_status(STATUS_OWN);
	spawn_create(&spawn, client);
	while ((c = command_option(client, argc, argv)) != -1) {
		if (c == OPTION_STDIN)
			run.input = open_input(optarg);
		else
			spawn_option(&spawn, c);
	}
	json_object_set_new(spawn.exec, "stdin_pipe", json_true());
	/* As in a pipe, the command waits for who reads. */
	if (json_object_get(spawn.exec, "output") == NULL)
		json_object_set_new(
		    spawn.exec, "output", json_string("stream"));
	run.has_signal = json_object_get(spawn.exec, "kill_signal") != NULL;
	spawn_operands(&spawn, argv + optind, true);
	call_open(run.call);
	catch_signals(&run);
	run.call->method = "output";
	run.call->notify = note_output;
	run.call->lost = note_gone;
	run.call->arg = &run;
	run.spawn = call_send(run.call, "spawn", spawn.params);
	wait_for_end(&run);
	return final_status(&run);
}

static const struct option options[] = {SPAWN_OPTIONS, RETRY_OPTIONS, {0}};

static const char help[] = SPAWN_HELP_TASK RETRY_HELP SPAWN_HELP_EXEC
    "\n"
    "COMMAND gets stdin, and its output goes to stdout and stderr, as it "
    "comes.\n"
    "It gets this environment and folder where the daemon is your own. Ctrl-C\n"
    "(SIGINT), SIGTERM and SIGHUP are passed on and cancel it, and what is\n"
    "below it; a second one kills it.\n"
    "\n"
    "Exit status: the command's, or 128 and the number of the signal that "
    "ended\n"
    "it; 124 where its time ran out; 125 for a failure of run itself; 126 "
    "where\n"
    "COMMAND cannot be executed, 127 where it is not found.\n";

const struct command cmd_run = {
    .name = "run",
    .usage = "[OPTION...] COMMAND [ARG...]",
    .summary = "Run a command as a task, with its input and output here",
    .help = help,
    .shorts = "+:h" SPAWN_SHORTS,
    .longs = options,
    .least = 0,
    .most = COMMAND_MANY,
    .handler = run_run,
};
