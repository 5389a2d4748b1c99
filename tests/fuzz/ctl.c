/* tasklet-ctl within this process, alone with the words and bytes it is given.
 */
#include "config.h"

#include "tests/fuzz/ctl.h"

#include <fcntl.h>
#include <jansson.h>
#include <locale.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/command.h"
#include "client/report.h"
#include "proto/xalloc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/heap.h"

/* The client's own main. */
int ctl_main(int argc, char **argv);
#define main ctl_main
#include "client/main.c" /* NOLINT(bugprone-suspicious-include) */
#undef main

/* What an input may put into the environment. */
static const char *const variables[] = {
    "KEYS", "TASKLET_ID", "TASKLET_INSTANCE"};

#define VARIABLES (sizeof variables / sizeof variables[0])

/* The most functions that a command gives to atexit. */
#define HANDLERS 4

/* Under AddressSanitizer: what libraries have allocated is lost where a process
   was to end, and much of what is freed would be more than a cache takes. */
const char *__asan_default_options(void);

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);
int __real_atexit(void (*function)(void));
int __wrap_atexit(void (*function)(void));
int __real_isatty(int fd);
int __wrap_isatty(int fd);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap___open_2(const char *path, int flags);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __real_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time,
    const sigset_t *mask);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time,
    const sigset_t *mask);
ssize_t __real_read(int fd, void *data, size_t length);
ssize_t __wrap_read(int fd, void *data, size_t length);
ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);
int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __real_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __real_sigaction(
    int number, const struct sigaction *action, struct sigaction *old);
int __wrap_sigaction(
    int number, const struct sigaction *action, struct sigaction *old);
int __real_sigprocmask(int how, const sigset_t *set, sigset_t *old);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);
void (*__real_signal(int number, void (*handler)(int number)))(int number);
void (*__wrap_signal(int number, void (*handler)(int number)))(int number);

static struct {
	bool is_running;
	int status;
	jmp_buf ended;
	void (*handlers[HANDLERS])(void);
	size_t handler_count;
	int daemon[2]; /* the client's end and the daemon's */
	int client;    /* the descriptor of that end in the client */
	int file;      /* that any path leads to */
	int opened[2 * CTL_WORDS]; /* by the client */
	size_t opened_count;
	FILE *out, *err;
} world;

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:quarantine_size_mb=8";
}

/* --- instead of libc's --------------------------------------------------- */

/* What was given to atexit may look at what is on the stack. */
void
__wrap_exit(int status)
{
	if (!world.is_running)
		__real_exit(status);
	world.status = status;
	while (world.handler_count > 0)
		world.handlers[--world.handler_count]();
	longjmp(world.ended, 1); /* NOLINT(cert-err52-cpp) */
}

int
__wrap_atexit(void (*function)(void))
{
	if (!world.is_running)
		return __real_atexit(function);
	fuzz_check(world.handler_count < HANDLERS);
	world.handlers[world.handler_count++] = function;
	return 0;
}

int
__wrap_isatty(int fd)
{
	return world.is_running ? fd == STDOUT_FILENO : __real_isatty(fd);
}

/* It is closed at the end, where the client leaves it open. */
static int
note_opened(int fd)
{
	fuzz_check(fd != -1 && world.opened_count < 2 * CTL_WORDS);
	return world.opened[world.opened_count++] = fd;
}

static int
open_file(void)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", world.file);
	return note_opened(__real_open(path, O_RDONLY | O_CLOEXEC));
}

int
__wrap_open(const char *path, int flags, ...)
{
	fuzz_check(world.is_running && (flags & O_CREAT) == 0);
	(void)path;
	return open_file();
}

int
__wrap___open_2(const char *path, int flags)
{
	return __wrap_open(path, flags);
}

/* libFuzzer's own, to write down what fails, has no 'e'. */
FILE *
__wrap_fopen(const char *path, const char *mode)
{
	FILE *file;

	if (!world.is_running || strchr(mode, 'e') == NULL)
		return __real_fopen(path, mode);
	file = __real_fopen("/dev/null", mode);
	note_opened(fileno(file));
	return file;
}

/* Keys that are pressed do not come by stdin. */
int
__wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *time,
    const sigset_t *mask)
{
	if (world.is_running && getenv("KEYS") != NULL && count == 2)
		fds[1].fd = -1;
	return __real_ppoll(fds, count, time, mask);
}

/* What the daemon says comes a line at a time, so that something may be done
   between. */
ssize_t
__wrap_read(int fd, void *data, size_t length)
{
	ssize_t got;
	char *lf;

	if (world.is_running && fd == world.client) {
		got = recv(fd, data, length, MSG_PEEK);
		lf = got <= 0 ? NULL : memchr(data, '\n', (size_t)got);
		if (lf != NULL)
			length = (size_t)(lf - (char *)data) + 1;
	}
	return __real_read(fd, data, length);
}

/* Past the streams goes only what is passed on as it is. */
ssize_t
__wrap_write(int fd, const void *data, size_t length)
{
	return world.is_running ? (ssize_t)length :
				  __real_write(fd, data, length);
}

int
__wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	if (!world.is_running)
		return __real_connect(fd, address, length);
	world.client = note_opened(fd);
	return dup2(world.daemon[0], fd) == -1 ? -1 : 0;
}

int
__wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	return world.is_running ? 0 : __real_nanosleep(time, left);
}

int
__wrap_sigaction(
    int number, const struct sigaction *action, struct sigaction *old)
{
	if (!world.is_running)
		return __real_sigaction(number, action, old);
	if (old != NULL)
		memset(old, 0, sizeof *old);
	return 0;
}

int
__wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	if (!world.is_running)
		return __real_sigprocmask(how, set, old);
	return __real_sigprocmask(SIG_SETMASK, NULL, old);
}

void (*__wrap_signal(int number, void (*handler)(int number)))(int number)
{
	return world.is_running ? SIG_DFL : __real_signal(number, handler);
}

/* --- an input ------------------------------------------------------------ */

void
ctl_prepare(void)
{
	clearenv();
	setenv("TASKLET_SOCKET", "/run/fuzz.sock", 1);
	setenv("TERM", "dumb", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	fuzz_check(setlocale(LC_CTYPE, "") != NULL);
	json_set_alloc_funcs(xmalloc, free);
	json_object_seed(1);
	world.file = memfd_create("input", MFD_CLOEXEC);
	fuzz_check(world.file != -1);
	fuzz_check(dup2(world.file, STDIN_FILENO) == STDIN_FILENO);
}

void
ctl_create(struct ctl *ctl, const char *data, size_t size)
{
	const char *lf;
	size_t length;

	memset(ctl, 0, sizeof *ctl);
	while (size > 0 && *data != '\n' && ctl->count < CTL_WORDS) {
		lf = memchr(data, '\n', size);
		length = lf == NULL ? size : (size_t)(lf - data);
		ctl->words[ctl->count++] = strndup(data, length);
		length += lf != NULL;
		data += length;
		size -= length;
	}
	ctl->said = ctl->file = size > 0 ? data + 1 : data;
	ctl->said_length = ctl->file_length = size > 0 ? size - 1 : 0;
}

static void
free_ends(struct ctl *ctl)
{
	free(ctl->sent);
	free(ctl->out);
	free(ctl->err);
	ctl->sent = ctl->out = ctl->err = NULL;
}

void
ctl_destroy(struct ctl *ctl)
{
	size_t i;

	for (i = 0; i < ctl->count; i++)
		free(ctl->words[i]);
	free_ends(ctl);
}

bool
ctl_has_word(const struct ctl *ctl, const char *word)
{
	size_t i = 0;

	while (i < ctl->count && strcmp(ctl->words[i], word) != 0)
		i++;
	return i < ctl->count;
}

/* --- a run --------------------------------------------------------------- */

/* A daemon that has said all, and does not read. */
static void
open_daemon(const struct ctl *ctl)
{
	fuzz_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
		       world.daemon) == 0);
	fuzz_check(send(world.daemon[1], ctl->said, ctl->said_length,
		       MSG_DONTWAIT) == (ssize_t)ctl->said_length);
	shutdown(world.daemon[1], SHUT_WR);
}

static void
write_file(const struct ctl *ctl)
{
	fuzz_check(ftruncate(world.file, 0) == 0);
	fuzz_check(pwrite(world.file, ctl->file, ctl->file_length, 0) ==
		   (ssize_t)ctl->file_length);
	lseek(world.file, 0, SEEK_SET);
}

static void
take_sent(struct ctl *ctl)
{
	FILE *sent = open_memstream(&ctl->sent, &ctl->sent_length);
	char data[4096];
	ssize_t got;

	while (
	    (got = recv(world.daemon[1], data, sizeof data, MSG_DONTWAIT)) > 0)
		fwrite(data, 1, (size_t)got, sent);
	fclose(sent);
}

static void
begin(struct ctl *ctl)
{
	free_ends(ctl);
	world.out = stdout;
	world.err = stderr;
	stdout = open_memstream(&ctl->out, &ctl->out_length);
	stderr = open_memstream(&ctl->err, &ctl->err_length);
	world.handler_count = 0;
	world.client = -1;
	world.status = 0;
	optind = 0; /* glibc: start anew */
	heap_begin();
	world.is_running = true;
}

static void
end(struct ctl *ctl)
{
	world.is_running = false;
	heap_end();
	report_set_before(NULL);
	report_set_command(NULL);
	report_set_json(false);
	report_set_status(STATUS_OK);
	while (world.opened_count > 0)
		close(world.opened[--world.opened_count]);
	fclose(stdout);
	fclose(stderr);
	stdout = world.out;
	stderr = world.err;
	ctl->status = world.status;
}

void
ctl_run_function(struct ctl *ctl, void (*function)(void *arg), void *arg)
{
	begin(ctl);
	if (setjmp(world.ended) == 0) /* NOLINT(cert-err52-cpp) */
		function(arg);
	end(ctl);
}

static bool
set_variable(const char *word)
{
	size_t i, length;

	for (i = 0; i < VARIABLES; i++) {
		length = strlen(variables[i]);
		if (strncmp(word, variables[i], length) == 0 &&
		    word[length] == '=')
			return setenv(variables[i], word + length + 1, 1) == 0;
	}
	return false;
}

static void
run_main(void *arg)
{
	static char name[] = "tasklet-ctl";
	struct ctl *ctl = arg;
	char *argv[CTL_WORDS + 2] = {name};
	int argc = 1;
	size_t i;

	for (i = 0; i < ctl->count; i++)
		if (argc > 1 || !set_variable(ctl->words[i]))
			argv[argc++] = ctl->words[i];
	world.status = ctl_main(argc, argv);
}

void
ctl_run(struct ctl *ctl)
{
	size_t i;

	write_file(ctl);
	open_daemon(ctl);
	ctl_run_function(ctl, run_main, ctl);
	take_sent(ctl);
	close(world.daemon[0]);
	close(world.daemon[1]);
	for (i = 0; i < VARIABLES; i++)
		unsetenv(variables[i]);
}
