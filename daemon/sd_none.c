/* daemon/sd where it is built without: there is no service manager. */
#include "config.h"

#include <stddef.h>

#include "daemon/sd.h"

int
sd_take_socket(int *fd, char **path)
{
	(void)fd;
	(void)path;
	return 0;
}

struct sd *
sd_new(struct event_base *base, struct daemon *daemon)
{
	(void)base;
	(void)daemon;
	return NULL;
}

void
sd_delete(struct sd *sd)
{
	(void)sd;
}

void
sd_changed(struct sd *sd)
{
	(void)sd;
}

void
sd_stopping(struct sd *sd)
{
	(void)sd;
}
