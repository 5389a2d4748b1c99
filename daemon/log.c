/* The log: lines to stderr, each with its level and subsystem. */
#include "config.h"

#include "daemon/log.h"

#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/xalloc.h"

#define TOKENS_MOST 16

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARNING] = "warning",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

static enum log_level most = LOG_INFO;
static const char *tokens[TOKENS_MOST];

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

/* A reader that is stuck must not stop the daemon: a line that a pipe has no
   room for is dropped, and counted. No line is longer than what poll says
   there is room for. */
static void
write_line(enum log_level level, const char *token, const char *text)
{
	static unsigned long dropped;
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	char line[PIPE_BUF], lost[48] = "";
	int length;

	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0) {
		dropped++;
		return;
	}
	if (dropped > 0)
		snprintf(lost, sizeof lost, "(%lu lines lost) ", dropped);
	length = snprintf(line, sizeof line - 1, "taskletd: %s: %s: %s%s",
	    level_names[level], token, lost, text);
	if (length > (int)sizeof line - 2)
		length = (int)sizeof line - 2;
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)length) == length)
		dropped = 0;
}

void
log_line(enum log_level level, const char *token, const char *format, ...)
{
	va_list ap;
	char *text;

	if (level > most && !(level == LOG_DEBUG && is_debugged(token)))
		return;
	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	drop_controls(text);
	write_line(level, token, text);
	free(text);
}
