/* What asks a command to end, which it does in its own good order. */
#include "config.h"

#include "client/interrupt.h"

#include <stddef.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static volatile sig_atomic_t last;

static void
note(int number)
{
	last = number;
}

/* Those that have the handler now. */
static sigset_t
handle(void (*handler)(int number))
{
	struct sigaction action = {.sa_handler = handler}, old;
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		sigaction(signals[i], NULL, &old);
		if (old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
		sigaddset(&set, signals[i]);
	}
	return set;
}

int
interrupt_poll(struct pollfd *pollers, nfds_t count,
    const struct timespec *most, const sigset_t *mask)
{
	static const struct timespec now = {0, 0};

	if (mask != NULL && ppoll(NULL, 0, &now, mask) == -1)
		return -1;
	return ppoll(pollers, count, most, mask);
}

void
interrupt_catch(sigset_t *mask)
{
	sigset_t blocked = handle(note);

	sigprocmask(SIG_BLOCK, &blocked, mask);
}

int
interrupt_number(void)
{
	return last;
}

void
interrupt_pass(void)
{
	sigset_t set;

	if (last == 0)
		return;
	signal(last, SIG_DFL);
	raise(last);
	sigemptyset(&set);
	sigaddset(&set, last);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
end(int number)
{
	(void)number;
	_exit(0);
}

void
interrupt_exit(void)
{
	handle(end);
}
