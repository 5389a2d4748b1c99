/* What is measured, and what it is measured with. */
#include "config.h"

#include "tests/bench/programs.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/fail.h"

void
programs_find(struct programs *programs)
{
	static char daemon[PATH_MAX], client[PATH_MAX], lua[PATH_MAX],
	    baseline[PATH_MAX];
	char self[PATH_MAX - 32] = "";
	char *slash;

	if (readlink("/proc/self/exe", self, sizeof self - 1) == -1)
		fail_errno("/proc/self/exe");
	slash = strrchr(self, '/');
	*slash = '\0';
	stpcpy(stpcpy(daemon, self), "/../../daemon/taskletd");
	stpcpy(stpcpy(client, self), "/../../client/tasklet-ctl");
	stpcpy(stpcpy(lua, self), "/../../client/lua/tasklet-lua");
	stpcpy(stpcpy(baseline, self), "/baseline");
	*programs = (struct programs){daemon, client, lua, baseline};
}
