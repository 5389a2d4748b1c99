/* The system's journal, written to in its own protocol
   (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram of lines NAME=VALUE.
   sd_journal_send(3) would wait for a journal that is stuck. */
#include "config.h"

#include "daemon/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/xalloc.h"

static int journal_fd = -1;

/* What the service manager says that it made stderr, is it still. */
static bool
is_stderr(const char *stream)
{
	uintmax_t device, inode;
	struct stat st;

	return stream != NULL &&
	       sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == (dev_t)device &&
	       st.st_ino == (ino_t)inode;
}

bool
journal_open(void)
{
	if (journal_fd == -1 && is_stderr(getenv("JOURNAL_STREAM")))
		journal_fd = socket(
		    AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return journal_fd != -1;
}

bool
journal_send(int priority, uint64_t task, const char *name, const char *text)
{
	/* Not connected to: the journal may be started anew. */
	static const struct sockaddr_un address = {
	    AF_UNIX, "/run/systemd/journal/socket"};
	char *about = NULL, *lines;
	ssize_t sent;

	if (name != NULL)
		about = xasprintf(
		    "TASK_ID=%" PRIu64 "\nTASK_NAME=%s\n", task, name);
	lines = xasprintf("SYSLOG_IDENTIFIER=taskletd\nPRIORITY=%d\n%s"
			  "MESSAGE=%s\n",
	    priority, about == NULL ? "" : about, text);
	sent = sendto(journal_fd, lines, strlen(lines), MSG_NOSIGNAL,
	    (const struct sockaddr *)&address, sizeof address);
	free(lines);
	free(about);
	return sent != -1;
}
