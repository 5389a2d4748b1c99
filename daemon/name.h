/* Names: one object for each, shared by the tasks that have it. */
#ifndef DAEMON_NAME_H
#define DAEMON_NAME_H

#include "daemon/task.h"

/* Each task may have one of its own: keep it small. */
struct name {
	struct table_link link;
	struct task_list live;
	struct task_list finished; /* the last one ended last */
	uint32_t hash;
	uint32_t nlive;
	uint32_t refs; /* tasks that have it, found by it or not */
	char text[];
};

struct names {
	struct table table;
};

void names_create(struct names *names);
void names_destroy(struct names *names); /* none is left */

/* The name, made where it is missing; one more reference. */
struct name *name_ref(struct names *names, const char *text);
void name_unref(struct names *names, struct name *name);

/* The name, or NULL where no task has it. */
struct name *name_find(const struct names *names, const char *text);

#endif
