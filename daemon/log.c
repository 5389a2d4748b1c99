/* The log: lines to stderr or the journal, each with its level and subsystem.
 */
#include "config.h"

#include "daemon/log.h"

#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal.h"
#include "proto/xalloc.h"

#define TOKENS_MOST 16

/* Bytes of a line's text: with what stands before it, a pipe takes it whole. */
#define TEXT_MOST (PIPE_BUF - 64)

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARNING] = "warning",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

/* As in syslog(3). */
static const int priorities[] = {
    [LOG_ERROR] = 3,
    [LOG_WARNING] = 4,
    [LOG_INFO] = 6,
    [LOG_DEBUG] = 7,
};

static enum log_level most = LOG_INFO;
static bool to_journal;
static const char *tokens[TOKENS_MOST];

void
log_open(void)
{
	to_journal = journal_open();
}

void
log_set_level(enum log_level level)
{
	most = level;
}

int
log_level_find(const char *name)
{
	int level;

	for (level = LOG_ERROR; level <= LOG_DEBUG; level++)
		if (strcmp(level_names[level], name) == 0)
			return level;
	return -1;
}

void
log_add_debug(const char *token)
{
	size_t i;

	for (i = 0; i < TOKENS_MOST; i++)
		if (tokens[i] == NULL) {
			tokens[i] = token;
			return;
		}
}

static bool
is_debugged(const char *token)
{
	size_t i;

	for (i = 0; i < TOKENS_MOST && tokens[i] != NULL; i++)
		if (strcmp(tokens[i], token) == 0)
			return true;
	return false;
}

/* Whatever a peer managed to get in here, it sends nothing to a terminal: C0,
   DEL, and C1, which in UTF-8 is 0xC2 followed by 0x80 to 0x9F. */
static void
drop_controls(char *text)
{
	unsigned char *p = (unsigned char *)text;

	for (; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
			p[0] = p[1] = '?';
}

static void
cut(char *text)
{
	size_t end = TEXT_MOST;

	if (strlen(text) <= end)
		return;
	while ((text[end] & 0xc0) == 0x80)
		end--;
	text[end] = '\0';
}

/* No line is longer than what poll says there is room for. */
static bool
write_stderr(enum log_level level, const char *text)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	char line[PIPE_BUF];
	int length;

	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0)
		return false;
	length = snprintf(
	    line, sizeof line, "taskletd: %s: %s\n", level_names[level], text);
	return write(STDERR_FILENO, line, (size_t)length) == length;
}

/* A reader that is stuck must not stop the daemon: a line that there is no room
   for is dropped, and counted. */
static void
log_text(enum log_level level, const char *token, uint64_t task,
    const char *name, const char *body)
{
	static unsigned long dropped;
	char lost[48] = "", *text;
	bool done;

	if (dropped > 0)
		snprintf(lost, sizeof lost, "(%lu lines lost) ", dropped);
	text = xasprintf("%s: %s%s", token, lost, body);
	drop_controls(text);
	cut(text);
	done = to_journal ? journal_send(priorities[level], task, name, text) :
			    write_stderr(level, text);
	dropped = done ? 0 : dropped + 1;
	free(text);
}

static void __attribute__((format(printf, 5, 0)))
log_arguments(enum log_level level, const char *token, uint64_t task,
    const char *name, const char *format, va_list ap)
{
	char *body;

	if (level > most && !(level == LOG_DEBUG && is_debugged(token)))
		return;
	body = xvasprintf(format, ap);
	log_text(level, token, task, name, body);
	free(body);
}

void
log_line(enum log_level level, const char *token, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_arguments(level, token, 0, NULL, format, ap);
	va_end(ap);
}

void
log_task(enum log_level level, const char *token, uint64_t task,
    const char *name, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_arguments(level, token, task, name, format, ap);
	va_end(ap);
}
