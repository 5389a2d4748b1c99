/* Preloaded into a program: allocations and system calls that fail when the
   test says so, in a file that both have mapped (tests/faults.py). */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* One function, as the test has named it. A zeroed one ends the plan. */
struct fault {
	char name[20];
	int32_t error;
	uint32_t skip;	/* so many calls succeed, */
	uint32_t count; /* then so many fail */
	uint32_t calls; /* since the test has set this to 0 */
};

enum { PLAN_SIZE = 4096 };

static struct fault *plan;
static bool suspended;

/* Commands of the program's are not to find this. */
__attribute__((constructor)) static void
map_plan(void)
{
	const char *path = getenv("FAULT_PLAN");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *map;

	if (fd == -1)
		return;
	map = mmap(NULL, PLAN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	unsetenv("LD_PRELOAD");
	unsetenv("FAULT_PLAN");
	if (map != MAP_FAILED)
		plan = map;
}

static bool
fails(const char *name)
{
	struct fault *fault;
	uint32_t call;

	if (plan == NULL || suspended)
		return false;
	for (fault = plan; strcmp(fault->name, name) != 0; fault++)
		if (*fault->name == '\0')
			return false;
	call = fault->calls++;
	if (call < fault->skip || call - fault->skip >= fault->count)
		return false;
	errno = fault->error;
	return true;
}

/* NAME fails as planned, with that value, or is the next one's. */
#define FAULT(result, failure, name, params, args) \
	result name params; \
	result name params \
	{ \
		static result(*next) params; \
		int saved = errno; \
\
		if (fails(#name)) \
			return failure; \
		if (next == NULL) \
			*(void **)&next = dlsym(RTLD_NEXT, #name); \
		errno = saved; \
		return next args; \
	}

/* --- allocations --------------------------------------------------------- */

/* dlsym(3) allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	return fails("allocation") ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails("allocation") ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails("allocation") ? NULL : __libc_realloc(old, size);
}

/* Libraries that crash where they have no memory: they have, but for who counts
   a function of theirs as one that fails. */
#define SPARED(type, failure, name, params, args) \
	type name params; \
	type name params \
	{ \
		type(*next) params; \
		type result; \
\
		if (fails(#name)) \
			return failure; \
		*(void **)&next = dlsym(RTLD_NEXT, #name); \
		suspended = true; \
		result = next args; \
		suspended = false; \
		return result; \
	}

/* glibc's name service (2.36) and ncurses (6.4): its start, and whatever sends
   the terminal something. */
SPARED(struct passwd *, NULL, getpwuid, (uid_t uid), (uid))
SPARED(void *, NULL, newterm, (const char *type, FILE *out, FILE *in),
    (type, out, in))
SPARED(int, -1, use_default_colors, (void), ())
SPARED(int, -1, curs_set, (int visibility), (visibility))
SPARED(int, -1, keypad, (void *window, bool on), (window, on))
SPARED(int, -1, wrefresh, (void *window), (window))
SPARED(int, -1, endwin, (void), ())

/* --- descriptors --------------------------------------------------------- */

FAULT(int, -1, accept4,
    (int fd, struct sockaddr *address, socklen_t *length, int flags),
    (fd, address, length, flags))
FAULT(int, -1, bind, (int fd, const struct sockaddr *address, socklen_t length),
    (fd, address, length))
FAULT(int, -1, connect,
    (int fd, const struct sockaddr *address, socklen_t length),
    (fd, address, length))
FAULT(int, -1, dup3, (int old, int new, int flags), (old, new, flags))
FAULT(int, -1, epoll_create1, (int flags), (flags))
FAULT(int, -1, listen, (int fd, int backlog), (fd, backlog))
FAULT(int, -1, memfd_create, (const char *name, unsigned int flags),
    (name, flags))
FAULT(int, -1, pidfd_open, (pid_t pid, unsigned int flags), (pid, flags))
FAULT(int, -1, signalfd, (int fd, const sigset_t *set, int flags),
    (fd, set, flags))
FAULT(int, -1, socket, (int domain, int type, int protocol),
    (domain, type, protocol))
FAULT(int, -1, timerfd_create, (int clock, int flags), (clock, flags))

/* The system's own are not called, as they take any number of arguments. */
static int
open_at(const char *name, int folder, const char *path, int flags, mode_t mode)
{
	if (fails(name))
		return -1;
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

static mode_t
mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_at("open", AT_FDCWD, path, flags, mode_of(flags, ap));
	va_end(ap);
	return fd;
}

int
openat(int folder, const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_at("openat", folder, path, flags, mode_of(flags, ap));
	va_end(ap);
	return fd;
}

/* What open(2) is with _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);

int
__open_2(const char *path, int flags)
{
	return open_at("open", AT_FDCWD, path, flags, 0);
}

/* --- what is done with them ---------------------------------------------- */

FAULT(ssize_t, -1, pread, (int fd, void *data, size_t size, off_t offset),
    (fd, data, size, offset))
FAULT(ssize_t, -1, recv, (int fd, void *data, size_t size, int flags),
    (fd, data, size, flags))
FAULT(ssize_t, -1, send, (int fd, const void *data, size_t size, int flags),
    (fd, data, size, flags))
FAULT(int, -1, timerfd_settime,
    (int fd, int flags, const struct itimerspec *new, struct itimerspec *old),
    (fd, flags, new, old))
FAULT(ssize_t, -1, writev, (int fd, const struct iovec *parts, int count),
    (fd, parts, count))
FAULT(pid_t, -1, wait4,
    (pid_t pid, int *status, int options, struct rusage *usage),
    (pid, status, options, usage))
FAULT(pid_t, -1, waitpid, (pid_t pid, int *status, int options),
    (pid, status, options))
FAULT(int, -1, waitid, (idtype_t kind, id_t id, siginfo_t *info, int options),
    (kind, id, info, options))
FAULT(int, -1, epoll_wait,
    (int fd, struct epoll_event *events, int count, int timeout),
    (fd, events, count, timeout))

/* The first pipe is libevent's own, for signals: it cannot fail, and is not
   expected to. What goes to the log is how the test hears of faults. */
static int signals[2] = {-1, -1};

static bool
is_ours(int fd)
{
	return fd != signals[0] && fd != signals[1] && fd != STDERR_FILENO;
}

int
pipe2(int ends[2], int flags)
{
	int result;

	if (fails("pipe2"))
		return -1;
	result = (int)syscall(SYS_pipe2, ends, flags);
	if (result == 0 && signals[0] == -1)
		memcpy(signals, ends, sizeof signals);
	return result;
}

ssize_t
read(int fd, void *data, size_t size)
{
	if (is_ours(fd) && fails("read"))
		return -1;
	return syscall(SYS_read, fd, data, size);
}

ssize_t
write(int fd, const void *data, size_t size)
{
	if (is_ours(fd) && fails("write"))
		return -1;
	return syscall(SYS_write, fd, data, size);
}

/* Only what is added takes the system memory. */
int
epoll_ctl(int epoll, int how, int fd, struct epoll_event *event)
{
	if (how == EPOLL_CTL_ADD && fails("epoll_ctl"))
		return -1;
	return (int)syscall(SYS_epoll_ctl, epoll, how, fd, event);
}

/* Of the four arguments more that it may take, the program gives none. */
FAULT(int, -1, clone,
    (int (*run)(void *), void *stack, int flags, void *arg, ...),
    (run, stack, flags, arg))
