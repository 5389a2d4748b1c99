/* The whole terminal, drawn over and over, and given back as it was. */
#include "config.h"

#include "client/screen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/report.h"
#include "proto/xalloc.h"

/* The other screen, without a cursor; what is too wide does not wrap. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l";
static const char leave[] = "\033[?7h\033[?25h\033[?1049l";

static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

#define SIGNALS (sizeof signals / sizeof signals[0])

static volatile sig_atomic_t is_open;

/* Safe in a signal handler. A write that fails is noticed by the next. */
static int
write_all(const char *text, size_t length)
{
	ssize_t count;

	while (length > 0) {
		count = write(STDOUT_FILENO, text, length);
		if (count == -1 && errno != EINTR)
			return -1;
		if (count > 0) {
			text += count;
			length -= (size_t)count;
		}
	}
	return 0;
}

static void
enter_screen(void)
{
	is_open = true;
	write_all(enter, sizeof enter - 1);
}

static void
leave_screen(void)
{
	if (is_open)
		write_all(leave, sizeof leave - 1);
	is_open = false;
}

static void stop_signal(int number);

static void
catch_signal(int number, void (*handler)(int number))
{
	struct sigaction action = {.sa_handler = handler};

	action.sa_flags = SA_RESTART;
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

/* Has the signal do what it does by default, once the terminal is back. */
static void
stop_signal(int number)
{
	int saved = errno;
	sigset_t set;

	leave_screen();
	catch_signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* Only where it stopped the process, and that goes on. */
	catch_signal(number, stop_signal);
	enter_screen();
	/* It is empty: nothing is waited for before it is drawn. */
	raise(SIGWINCH);
	errno = saved;
}

static void
resize_signal(int number)
{
	(void)number; /* a wait is interrupted */
}

/* What is caught ends or stops the process even while it waits for a reply;
   a new size may wait for the next wait with the mask. */
void
screen_open(sigset_t *mask)
{
	struct sigaction old;
	sigset_t resize;
	size_t i;

	sigemptyset(&resize);
	sigaddset(&resize, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resize, mask);
	sigdelset(mask, SIGWINCH);
	catch_signal(SIGWINCH, resize_signal);
	atexit(leave_screen);
	report_set_before(leave_screen);
	for (i = 0; i < SIGNALS; i++)
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			catch_signal(signals[i], stop_signal);
	enter_screen();
}

static void
fail_draw(void)
{
	report_fail(STATUS_FAILED, "OutputError", "cannot write to stdout: %s",
	    strerror(errno));
}

/* Not amid a signal: the terminal would get half of an escape sequence. */
static int
write_undisturbed(const char *text, size_t length)
{
	sigset_t set, old;
	size_t i;
	int result;

	sigemptyset(&set);
	for (i = 0; i < SIGNALS; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	result = write_all(text, length);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}

void
screen_draw(const char *text, size_t length)
{
	const char *end = text + length, *next;
	char *frame;
	size_t size;
	FILE *out = xopen_memstream(&frame, &size);
	int result;

	fputs("\033[H", out);
	for (; text < end; text = next + 1) {
		next = memchr(text, '\n', (size_t)(end - text));
		if (next == NULL)
			next = end;
		fwrite(text, 1, (size_t)(next - text), out);
		/* No line end after the last: that may scroll. */
		fputs(next + 1 < end ? "\033[K\r\n" : "\033[K", out);
	}
	fputs("\033[J", out);
	fclose(out);
	result = write_undisturbed(frame, size);
	free(frame);
	if (result == -1)
		fail_draw();
}
