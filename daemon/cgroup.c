/* A cgroup of its own for each command (cgroups(7)), where the service manager
   has delegated ours to us. */
#include "config.h"

#include "daemon/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "daemon/log.h"
#include "proto/xalloc.h"

#define LEAF "taskletd"

enum { CONTROLLERS = 3 };
static const char *const controllers[CONTROLLERS] = {"memory", "cpu", "pids"};

struct cgroup {
	LIST_ENTRY(cgroup) entry; /* of those to be removed */
	char name[32];
};

/* Of this process. */
static struct {
	int folder; /* of our cgroup; -1: there are none */
	bool has[CONTROLLERS];
	LIST_HEAD(, cgroup) doomed;
} own = {.folder = -1};

/* --- files -------------------------------------------------------------- */

static int
open_file(const char *folder, const char *name, int flags)
{
	char *path = xasprintf("%s/%s", folder, name);
	int fd = openat(own.folder, path, flags | O_CLOEXEC);

	free(path);
	return fd;
}

static int
write_file(const char *folder, const char *name, const char *text)
{
	size_t length = strlen(text);
	int fd = open_file(folder, name, O_WRONLY), saved;
	ssize_t written;

	if (fd == -1)
		return -1;
	written = write(fd, text, length);
	saved = errno;
	close(fd);
	errno = saved;
	return written == (ssize_t)length ? 0 : -1;
}

/* All files here are short. */
static int
read_file(const char *folder, const char *name, char *text, size_t size)
{
	int fd = open_file(folder, name, O_RDONLY);
	ssize_t got;

	if (fd == -1)
		return -1;
	got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0 ? 0 : -1;
}

/* --- our own ------------------------------------------------------------ */

/* Where version 2 is mounted; NULL for nowhere. */
static const char *
find_mount(void)
{
	static const char *const mounts[] = {
	    "/sys/fs/cgroup", "/sys/fs/cgroup/unified", NULL};
	const char *const *mount;
	struct statfs st;

	for (mount = mounts; *mount != NULL; mount++)
		if (statfs(*mount, &st) == 0 &&
		    st.f_type == CGROUP2_SUPER_MAGIC)
			return *mount;
	return NULL;
}

/* Our place below that, to be freed; NULL where it is unknown. */
static char *
find_place(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char *line = NULL, *place = NULL;
	size_t size = 0;

	while (
	    file != NULL && place == NULL && getline(&line, &size, file) != -1)
		if (strncmp(line, "0::/", 4) == 0) {
			line[strcspn(line, "\n")] = '\0';
			place = xstrdup(line + 3);
		}
	free(line);
	if (file != NULL)
		fclose(file);
	return place;
}

static bool
is_marked(const char *path)
{
	char mark = '0';

	return getxattr(path, "user.delegate", &mark, 1) == 1 && mark == '1';
}

/* Users' service managers mark nothing (systemd 252): there it is enough that
   one started us, and that the folder is ours. */
static bool
is_given(const char *path)
{
	const char *pid = getenv("SYSTEMD_EXEC_PID");
	struct stat st;

	return geteuid() != 0 && pid != NULL &&
	       strtol(pid, NULL, 10) == getpid() && stat(path, &st) == 0 &&
	       st.st_uid == geteuid();
}

/* What is not delegated is not ours to change, also where root could. */
static int
open_delegated(void)
{
	const char *mount = find_mount();
	char *place = find_place(), *path;
	int fd = -1;

	if (mount != NULL && place != NULL) {
		path = xasprintf("%s%s", mount, place);
		if (is_marked(path) || is_given(path))
			fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		free(path);
	}
	free(place);
	return fd;
}

static int
enter_leaf(void)
{
	if (mkdirat(own.folder, LEAF, 0755) == -1 && errno != EEXIST)
		return -1;
	return write_file(LEAF, "cgroup.procs", "0");
}

/* Only a cgroup that holds no process may pass them on. */
static void
pass_on_controllers(void)
{
	char text[32];
	int i;

	for (i = 0; i < CONTROLLERS; i++) {
		snprintf(text, sizeof text, "+%s", controllers[i]);
		own.has[i] =
		    write_file(".", "cgroup.subtree_control", text) == 0;
	}
}

void
cgroups_create(void)
{
	LIST_INIT(&own.doomed);
	own.folder = open_delegated();
	if (own.folder == -1)
		return;
	if (enter_leaf() == 0) {
		pass_on_controllers();
		return;
	}
	log_line(LOG_WARNING, "cgroup", "commands get no cgroups: %s",
	    strerror(errno));
	close(own.folder);
	own.folder = -1;
}

void
cgroups_destroy(void)
{
	struct cgroup *cgroup;

	cgroups_sweep();
	while ((cgroup = LIST_FIRST(&own.doomed)) != NULL) {
		LIST_REMOVE(cgroup, entry);
		free(cgroup);
	}
	if (own.folder != -1)
		close(own.folder);
	own.folder = -1;
}

bool
cgroups_exist(void)
{
	return own.folder != -1;
}

/* --- one ---------------------------------------------------------------- */

/* A limit as the controllers are ordered. */
static const struct limit {
	const char *name; /* as users know it */
	const char *file;
} limit_files[CONTROLLERS] = {
    {"memory_max", "memory.max"},
    {"cpu_weight", "cpu.weight"},
    {"tasks_max", "pids.max"},
};

static uint64_t
limit_of(const struct cgroup_limits *limits, int i)
{
	const uint64_t values[CONTROLLERS] = {
	    limits->memory_max, limits->cpu_weight, limits->tasks_max};

	return values[i];
}

const char *
cgroups_lack(const struct cgroup_limits *limits)
{
	int i;

	for (i = 0; i < CONTROLLERS; i++)
		if (limit_of(limits, i) != 0 &&
		    (own.folder == -1 || !own.has[i]))
			return limit_files[i].name;
	return NULL;
}

static int
set_limits(const struct cgroup *cgroup, const struct cgroup_limits *limits)
{
	char text[32];
	int i;

	for (i = 0; i < CONTROLLERS; i++) {
		if (limit_of(limits, i) == 0)
			continue;
		snprintf(text, sizeof text, "%" PRIu64, limit_of(limits, i));
		if (write_file(cgroup->name, limit_files[i].file, text) == -1)
			return -1;
	}
	return 0;
}

struct cgroup *
cgroup_new(uint64_t task, const struct cgroup_limits *limits)
{
	struct cgroup *cgroup;
	int saved;

	errno = ENOENT;
	if (own.folder == -1)
		return NULL;
	cgroup = xcalloc(1, sizeof *cgroup);
	snprintf(cgroup->name, sizeof cgroup->name, "task-%" PRIu64, task);
	/* What an earlier run left alive may still be in it. */
	if (mkdirat(own.folder, cgroup->name, 0755) == -1 && errno != EEXIST) {
		free(cgroup);
		return NULL;
	}
	if (set_limits(cgroup, limits) == 0)
		return cgroup;
	saved = errno;
	cgroup_delete(cgroup);
	errno = saved;
	return NULL;
}

/* Whether it is no more. */
static bool
remove_folder(const struct cgroup *cgroup)
{
	return unlinkat(own.folder, cgroup->name, AT_REMOVEDIR) == 0 ||
	       errno == ENOENT;
}

void
cgroup_delete(struct cgroup *cgroup)
{
	if (cgroup == NULL)
		return;
	if (remove_folder(cgroup))
		free(cgroup);
	else
		LIST_INSERT_HEAD(&own.doomed, cgroup, entry);
}

void
cgroups_sweep(void)
{
	struct cgroup *cgroup, *next;

	for (cgroup = LIST_FIRST(&own.doomed); cgroup != NULL; cgroup = next) {
		next = LIST_NEXT(cgroup, entry);
		if (!remove_folder(cgroup))
			continue;
		LIST_REMOVE(cgroup, entry);
		free(cgroup);
	}
}

int
cgroup_entrance(const struct cgroup *cgroup)
{
	return open_file(cgroup->name, "cgroup.procs", O_WRONLY);
}

void
cgroup_kill(const struct cgroup *cgroup)
{
	(void)write_file(cgroup->name, "cgroup.kill", "1");
}

static uint64_t
read_number(const struct cgroup *cgroup, const char *name)
{
	char text[32];

	if (read_file(cgroup->name, name, text, sizeof text) == -1)
		return 0;
	return strtoull(text, NULL, 10);
}

static double
seconds_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at == NULL ? 0 : strtod(at + strlen(name), NULL) / 1e6;
}

int
cgroup_measure(const struct cgroup *cgroup, struct cgroup_usage *usage)
{
	char text[1024];

	if (read_file(cgroup->name, "cpu.stat", text, sizeof text) == -1)
		return -1;
	usage->user = seconds_of(text, "user_usec ");
	usage->system = seconds_of(text, "system_usec ");
	usage->memory = read_number(cgroup, "memory.current");
	usage->peak_memory = read_number(cgroup, "memory.peak");
	return 0;
}
