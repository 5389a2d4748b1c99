/* A line of progress on stderr, a terminal. */
#include "config.h"

#include "client/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "client/report.h"
#include "client/terminal.h"

static bool is_drawn;

void
progress_draw(const char *text)
{
	size_t columns = terminal_size(STDERR_FILENO).columns;

	report_set_before(progress_clear);
	fprintf(stderr, "\r%.*s\033[K", (int)columns - 1, text);
	is_drawn = true;
}

void
progress_clear(void)
{
	if (is_drawn)
		fputs("\r\033[K", stderr);
	is_drawn = false;
}
