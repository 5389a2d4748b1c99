/* The tasks that a name pattern means. */
#include "config.h"

#include "client/match.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/call.h"
#include "client/pages.h"
#include "proto/hash.h"
#include "proto/xalloc.h"

struct ids {
	json_int_t *ids;
	size_t count, size;
};

/* A name of which a task has finished, or lives. */
struct name {
	UT_hash_handle hh;
	bool lives;
	json_int_t last; /* the one that finished last; 0 where none has */
	double finished;
	char text[];
};

struct match {
	struct call *call;
	struct ids found;
	struct ids own; /* our own task and those above it */
	struct name *names;
};

static void
add_id(struct ids *ids, json_int_t id)
{
	if (ids->count == ids->size) {
		ids->size = 2 * ids->size + 64;
		ids->ids = xrealloc(ids->ids, ids->size * sizeof *ids->ids);
	}
	ids->ids[ids->count++] = id;
}

/* Whoever runs this as a task must not wait for that task, nor for those
   above it, which may wait for it. */
static void
find_own(struct match *match)
{
	struct call *call = match->call;
	json_t *task;
	json_int_t id;

	call_open(call);
	if (call->attach == 0)
		return;
	task = call_method(call, "current", NULL);
	while (!json_is_null(task)) {
		if (json_unpack(task, "{s:I}", "id", &id) == -1)
			call_refuse_result(call);
		add_id(&match->own, id);
		task =
		    call_method(call, "parent", json_pack("{s:I}", "task", id));
	}
}

static bool
is_own(const struct match *match, json_int_t id)
{
	size_t i = 0;

	while (i < match->own.count && match->own.ids[i] != id)
		i++;
	return i < match->own.count;
}

/* The daemon and the connected clients are tasks too, but end with it or when
   they please: no pattern means them. */
static bool
is_meant(const char *function)
{
	return strcmp(function, "client") != 0 &&
	       strcmp(function, "taskletd") != 0;
}

/* What others have left to be found is no matter of ours. */
static bool
may_join(json_int_t uid)
{
	return geteuid() == 0 || uid == (json_int_t)geteuid();
}

static struct name *
name_of(struct match *match, const char *text)
{
	struct name *name;
	size_t length = strlen(text);

	HASH_FIND(hh, match->names, text, length, name);
	if (name == NULL) {
		name = xcalloc(1, sizeof *name + length + 1);
		memcpy(name->text, text, length);
		HASH_ADD(hh, match->names, text, length, name);
	}
	return name;
}

static void
note_row(struct match *match, json_t *row)
{
	const char *function, *text;
	double finished = -1;
	struct name *name;
	json_int_t id, uid;

	if (json_unpack(row, "{s:I, s:s, s:s, s:{s:I}, s?F}", "id", &id,
		"function", &function, "name", &text, "owner", "uid", &uid,
		"finished", &finished) == -1)
		call_refuse_result(match->call);
	if (!is_meant(function) || (finished >= 0 && !may_join(uid)))
		return;
	name = name_of(match, text);
	if (finished < 0) {
		name->lives = true;
		if (!is_own(match, id))
			add_id(&match->found, id);
	} else if (finished >= name->finished) {
		name->finished = finished;
		name->last = id;
	}
}

static void
read_rows(struct match *match, const char *glob)
{
	struct pages pages;
	const json_t *rows;
	json_t *row;
	size_t i;

	pages_create(&pages, match->call, "list",
	    json_pack("{s:o}", "name", argument_string("GLOB", glob)));
	while ((rows = pages_next(&pages)) != NULL)
		json_array_foreach (rows, i, row)
			note_row(match, row);
	pages_destroy(&pages);
}

static void
add_finished(struct match *match)
{
	struct name *name = match->names, *next;

	HASH_CLEAR(hh, match->names);
	for (; name != NULL; name = next) {
		next = name->hh.next;
		if (!name->lives)
			add_id(&match->found, name->last);
		free(name);
	}
}

static int
compare(const void *left, const void *right)
{
	json_int_t a = *(const json_int_t *)left,
		   b = *(const json_int_t *)right;

	return (a > b) - (a < b);
}

size_t
match_tasks(struct call *call, const char *glob, json_int_t **ids)
{
	struct match match = {.call = call};

	find_own(&match);
	read_rows(&match, glob);
	add_finished(&match);
	free(match.own.ids);
	if (match.found.count > 0)
		qsort(match.found.ids, match.found.count,
		    sizeof *match.found.ids, compare);
	*ids = match.found.ids;
	return match.found.count;
}
