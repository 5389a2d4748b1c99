/* Where the daemon listens: a socket of its own, or one that the service
   manager hands over. */
#include "config.h"

#include "daemon/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/sd.h"
#include "proto/path.h"

/* Only a default socket's folder is made, and looked at: a path that was
   given is its giver's concern. */
static int
prepare_folder(const char *socket, bool is_default)
{
	if (!is_default || path_make_folder(socket) == 0)
		return 0;
	log_line(LOG_ERROR, "main", "%s: its folder: %s%s", socket,
	    strerror(errno),
	    errno == EPERM ? ": it must be a folder of your own, with mode "
			     "0700" :
			     "");
	return -1;
}

static int
find_own(struct place *place, const char *option)
{
	bool is_default;

	place->fd = -1;
	place->path = path_socket(option, &is_default);
	return prepare_folder(place->path, is_default);
}

/* Which of the two is meant, nobody can tell. */
static int
refuse_both(const struct place *place, const char *option)
{
	log_line(LOG_ERROR, "main",
	    "--socket %s: the service manager hands over %s: leave --socket "
	    "away",
	    option, place->path);
	return -1;
}

int
place_find(struct place *place, const char *option)
{
	int result = -1;

	place->path = NULL;
	switch (sd_take_socket(&place->fd, &place->path)) {
	case 0:
		result = find_own(place, option);
		break;
	case 1:
		result = option == NULL ? 0 : refuse_both(place, option);
		break;
	}
	if (result == 0)
		return 0;
	free(place->path);
	place->path = NULL;
	return -1;
}
