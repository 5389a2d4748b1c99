/* What a terminal is, and how large. */
#include "config.h"

#include "client/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool
terminal_is(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && (term == NULL || strcmp(term, "dumb") != 0);
}

struct terminal_size
terminal_size(int fd)
{
	struct terminal_size size = {.rows = 24, .columns = 80};
	struct winsize told;

	if (ioctl(fd, TIOCGWINSZ, &told) == -1)
		return size;
	if (told.ws_row > 0)
		size.rows = told.ws_row;
	if (told.ws_col > 0)
		size.columns = told.ws_col;
	return size;
}
