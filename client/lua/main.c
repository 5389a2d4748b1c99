/* tasklet-lua: Lua programs whose coroutines are tasks of taskletd. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "client/lua/api.h"
#include "client/lua/host.h"
#include "client/lua/ids.h"
#include "client/lua/line.h"
#include "client/lua/link.h"
#include "client/lua/runtime.h"
#include "client/lua/sched.h"
#include "client/lua/script.h"
#include "client/lua/serve.h"
#include "proto/standard.h"
#include "proto/xalloc.h"

enum { OPTION_SERVE = 256, OPTION_SOCKET, OPTION_VERSION };

static const struct option long_options[] = {
    {"serve", required_argument, NULL, OPTION_SERVE},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char help[] =
    "usage: tasklet-lua [OPTION...] [FILE [ARG...]]\n"
    "       tasklet-lua [OPTION...] --serve DIR\n"
    "\n"
    "Runs a Lua program whose tasklets are tasks of taskletd. FILE may be -\n"
    "for stdin. The program's arguments are in the table arg.\n"
    "\n"
    "Options:\n"
    "  -e CODE              run CODE, before FILE\n"
    "      --serve DIR      provide each function of the table that DIR/x.lua\n"
    "                       returns as x.NAME; SIGHUP loads all files anew\n"
    "      --socket PATH    the daemon's socket; by default $TASKLET_SOCKET,\n"
    "                       else the user's own, else the system's\n"
    "      --version        print the version\n"
    "  -h, --help           print this\n"
    "\n"
    "Exit status:\n"
    "    0  the program returned, and all its tasklets have ended; or it was\n"
    "       told to stop serving\n"
    "    1  it failed or was cancelled, or the daemon cannot be reached\n"
    "    2  wrong usage\n";

struct options {
	const char *serve, *socket;
	struct script script;
};

static _Noreturn void
fail_usage(const char *what)
{
	fprintf(stderr, "tasklet-lua: %s\ntry 'tasklet-lua --help'\n", what);
	exit(2);
}

static _Noreturn void
print(const char *text)
{
	fputs(text, stdout);
	runtime_flush();
	exit(0);
}

static void
parse_options(struct options *options, int argc, char **argv)
{
	struct script *script = &options->script;
	int c;

	while ((c = getopt_long(argc, argv, "+e:h", long_options, NULL)) != -1)
		switch (c) {
		case 'e':
			script->code = optarg;
			break;
		case 'h':
			print(help);
		case OPTION_SERVE:
			options->serve = optarg;
			break;
		case OPTION_SOCKET:
			options->socket = optarg;
			break;
		case OPTION_VERSION:
			print("tasklet-lua " PACKAGE_VERSION "\n");
		default:
			/* getopt has told what is wrong. */
			fputs("try 'tasklet-lua --help'\n", stderr);
			exit(2);
		}
	if (options->serve != NULL && (optind < argc || script->code != NULL))
		fail_usage("--serve takes no FILE and no -e CODE");
	if (options->serve == NULL && optind == argc && script->code == NULL)
		fail_usage("no FILE, no -e CODE and no --serve DIR");
	script->argc = argc;
	script->argv = argv;
	script->first = optind;
	if (optind < argc)
		script->file = argv[script->first++];
}

/* --- signals -------------------------------------------------------------- */

/* Seconds that a program has to end once it was asked to: the daemon's grace,
   and one more, as it is the daemon that should see to it. */
#define GRACE 6

static int signal_pipe[2];
static volatile sig_atomic_t asked; /* to end, by this signal */

/* Ends it as a second signal would. */
static void
end_grace(int number)
{
	static const char message[] =
	    "tasklet-lua: the program did not end when it was asked to\n";
	ssize_t count = write(STDERR_FILENO, message, sizeof message - 1);

	(void)number;
	(void)count;
	raise(asked);
}

/* Not libevent's: these are for a program that never waits, too. */
static void
note_signal(int number)
{
	char byte = (char)number;
	ssize_t count = write(signal_pipe[1], &byte, 1);

	(void)count;
	if (number == SIGHUP)
		return;
	asked = number;
	signal(SIGALRM, end_grace);
	alarm(GRACE);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	const struct options *options = arg;
	char number;

	(void)what;
	if (read(fd, &number, 1) != 1)
		return;
	if (number == SIGHUP)
		serve_reload();
	else if (options->serve == NULL)
		script_cancel();
	else {
		sched_go_on(false);
		serve_stop();
	}
	sched_settle();
}

/* Also where who started us has it blocked. */
static void
catch_signal(int number)
{
	struct sigaction action = {
	    .sa_handler = note_signal, .sa_flags = SA_RESTART};
	sigset_t set;

	sigaction(number, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* As a shell has it for what runs in the background, which a Ctrl-C of the
   foreground is not for. */
static bool
is_ignored(int number)
{
	struct sigaction old;

	return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

/* The first SIGINT or SIGTERM asks to end; the next one ends, or the time. */
static struct event *
catch_signals(struct event_base *base, const struct options *options)
{
	struct event *event;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == -1)
		runtime_fail("cannot make a pipe: %s", strerror(errno));
	if (!is_ignored(SIGINT))
		catch_signal(SIGINT);
	if (!is_ignored(SIGTERM))
		catch_signal(SIGTERM);
	if (options->serve != NULL)
		catch_signal(SIGHUP);
	event = event_new(base, signal_pipe[0], EV_READ | EV_PERSIST, signal_cb,
	    (void *)options);
	event_add(event, NULL);
	return event;
}

/* --- the daemon ----------------------------------------------------------- */

static void
ignore_cb(void *arg, const struct reply *reply)
{
	(void)arg;
	(void)reply;
}

/* Under a command of the daemon: what the script makes is below that. The id
   is of the daemon at $TASKLET_SOCKET; one that is stale is ignored. */
static void
attach(const char *socket)
{
	const char *id = getenv("TASKLET_ID"), *own = getenv("TASKLET_SOCKET"),
		   *instance = getenv("TASKLET_INSTANCE");
	char *end;
	long long task;

	if (id == NULL || own == NULL || *own == '\0' ||
	    (socket != NULL && strcmp(socket, own) != 0))
		return;
	task = strtoll(id, &end, 10);
	if (!isdigit((unsigned char)*id) || *end != '\0')
		return;
	line_begin("attach");
	line_add_number("task", (double)task);
	if (instance != NULL)
		line_add_string("instance", instance);
	line_send(link_expect(ignore_cb, NULL), NULL);
}

static int
open_api(lua_State *L)
{
	api_open(L);
	return 0;
}

static int
run(const struct options *options)
{
	static const struct link_calls calls = {host_handle_cb, sched_settle};
	struct event_base *base = event_base_new();
	struct event *signals;
	int status;

	if (base == NULL)
		runtime_fail("cannot make an event base: %s", strerror(errno));
	link_open(base, options->socket, &calls);
	sched_open(base);
	signals = catch_signals(base, options);
	runtime_open();
	runtime_call(open_api, NULL);
	attach(options->socket);
	if (options->serve != NULL) {
		sched_go_on(true);
		serve_start(options->serve);
	} else {
		script_start(&options->script);
	}
	sched_run();
	status = options->serve != NULL ? 0 : script_status();
	link_drain();
	runtime_close();
	event_free(signals);
	sched_close();
	ids_close();
	line_close();
	link_close();
	event_base_free(base);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options = {0};
	int status;

	standard_reserve();
	/* Not LC_NUMERIC: a decimal point is a point. */
	setlocale(LC_CTYPE, "");
	json_set_alloc_funcs(xmalloc, free);
	event_set_mem_functions(xmalloc, xrealloc, free);
	parse_options(&options, argc, argv);
	status = run(&options);
	runtime_flush();
	return status;
}
