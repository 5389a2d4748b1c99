/* A cgroup of its own for each command (cgroups(7)), where the service manager
   has delegated ours to us. */
#ifndef DAEMON_CGROUP_H
#define DAEMON_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct cgroup;

/* What a command may use; 0: no limit. */
struct cgroup_limits {
	uint64_t memory_max; /* bytes */
	uint64_t cpu_weight; /* 1 to 10000; of others that have none, 100 */
	uint64_t tasks_max;  /* processes and threads */
};

/* What a command and all that it started used. */
struct cgroup_usage {
	double user, system;  /* CPU seconds */
	uint64_t memory;      /* bytes now; 0: unknown */
	uint64_t peak_memory; /* likewise */
};

/* Moves this process into a leaf of its cgroup, so that there may be others
   beside it. Where that cannot be, there are none. */
void cgroups_create(void);
void cgroups_destroy(void);

bool cgroups_exist(void);

/* The name of the first limit that cannot be set here, or NULL. */
const char *cgroups_lack(const struct cgroup_limits *limits);

/* A new one for that task with those limits. NULL, with errno set, where there
   are none or it cannot be made. */
struct cgroup *cgroup_new(uint64_t task, const struct cgroup_limits *limits);

/* Once all in it have ended, it is removed. NULL is allowed. */
void cgroup_delete(struct cgroup *cgroup);

/* Removes those that could not be removed before. */
void cgroups_sweep(void);

/* A descriptor by which a process that writes "0" enters, to be closed; -1 with
   errno set. */
int cgroup_entrance(const struct cgroup *cgroup);

/* Kills all that is in it, at once. */
void cgroup_kill(const struct cgroup *cgroup);

/* Returns -1 where it is unknown. */
int cgroup_measure(const struct cgroup *cgroup, struct cgroup_usage *usage);

#endif
