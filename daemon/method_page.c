/* The methods that give many tasks, a page at a time: tree and list. */
#include "config.h"

#include "daemon/method_table.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/cursor.h"
#include "daemon/function.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "daemon/task_json.h"
#include "proto/error.h"
#include "proto/limits.h"

/* How long a page of `list` may look for its rows. */
#define PAGE_SECONDS 0.01

static struct walk *
find_walk(struct call *call, const json_t *after, enum cursor_kind kind)
{
	struct walk *walk = walk_find(
	    &call->caller->walks, (uint64_t)json_integer_value(after));

	if (walk != NULL && walk->kind == kind)
		return walk;
	call->error = error_new(ERROR_INVALID_PARAMS,
	    "after: no cursor %" JSON_INTEGER_FORMAT
	    " here: each is good for one page of its connection, which keeps "
	    "the last %d",
	    json_integer_value(after), CURSORS_MOST);
	return NULL;
}

static FILE *
open_page(struct call *call)
{
	FILE *out = method_open_result(call);

	fputs("{\"tasks\":[", out);
	return out;
}

/* With the cursor for the next page, where there is more. */
static enum method_status
close_page(struct call *call, FILE *out, struct walk *walk)
{
	if (walk_at(walk) == NULL) {
		walk_end(walk);
		fputs("],\"next\":null}", out);
	} else {
		fprintf(out, "],\"next\":%" PRIu64 "}",
		    walk_renew(&call->caller->walks, walk));
	}
	return method_close_result(out);
}

enum { TREE_TASK, TREE_DEPTH, TREE_LIMIT, TREE_AFTER };

static const struct param tree_params[] = {
    {"task", PARAM_TASK, .summary = "Level 0; default: the root."},
    {"depth", PARAM_INTEGER, .max = INT64_MAX,
	.summary = "Leave out what lies deeper than this level."},
    {"limit", PARAM_INTEGER, .min = 1, .max = LIMIT_PAGE,
	.summary = "The most rows of a page."},
    {"after", PARAM_INTEGER, .min = 1, .max = INT64_MAX,
	.summary = "The cursor that came with the page before; task is then "
		   "as it was, the other params are as given."},
    {.type = PARAM_END},
};

static struct walk *
tree_walk(struct call *call)
{
	const json_t *which = call->params[TREE_TASK];
	struct task *top;

	if (call->params[TREE_AFTER] != NULL)
		return find_walk(call, call->params[TREE_AFTER], CURSOR_TREE);
	top = which != NULL ?
		  method_task(call, which) :
		  task_find(
		      scheduler_tasks(call->daemon->scheduler), TASK_ROOT_ID);
	return top == NULL ? NULL : walk_new_tree(&call->caller->walks, top);
}

static void
write_row(FILE *out, struct call *call, const struct task *task, int64_t level)
{
	fprintf(out, "{\"level\":%" PRId64 ",", level);
	task_json_row(out, call->daemon->scheduler, task);
	fputc('}', out);
}

/* A finished task is in no tree: it is its own only row. */
static enum method_status
finished_tree(struct call *call, const struct task *task)
{
	FILE *out = open_page(call);

	write_row(out, call, task, 0);
	fputs("],\"next\":null}", out);
	return method_close_result(out);
}

static enum method_status
tree_page(struct call *call, struct walk *walk)
{
	json_int_t limit = method_integer(
	    call->params[TREE_LIMIT], (json_int_t)call->daemon->page);
	json_int_t depth = method_integer(call->params[TREE_DEPTH], INT64_MAX);
	int64_t level = walk_level(walk);
	struct task *task;
	FILE *out = open_page(call);
	json_int_t row;

	for (row = 0; row < limit && (task = walk_at(walk)) != NULL; row++) {
		fputs(row == 0 ? "" : ",", out);
		write_row(out, call, task, level);
		level += walk_next(walk, level >= depth);
	}
	return close_page(call, out, walk);
}

static enum method_status
tree_handler(struct call *call)
{
	const json_t *which = call->params[TREE_TASK];
	struct task *task;
	struct walk *walk;

	if (which != NULL && call->params[TREE_AFTER] == NULL) {
		task = method_task(call, which);
		if (task != NULL && !task_is_live(task))
			return finished_tree(call, task);
	}
	walk = call->error != NULL ? NULL : tree_walk(call);
	if (walk == NULL)
		return METHOD_ERROR;
	return tree_page(call, walk);
}

const struct method method_tree = {
    .name = "tree",
    .summary = "Gives the tree of tasks in preorder, a page at a time.",
    .params = tree_params,
    .result = METHOD_PAGE,
    .handler = tree_handler,
};

enum {
	LIST_STATE,
	LIST_NAME,
	LIST_FUNCTION,
	LIST_FINISHED,
	LIST_LIMIT,
	LIST_AFTER
};

static const char *const states[] = {"ready", "running", "sleeping", "waiting",
    "paused", "done", "failed", "cancelled", "timeout", NULL};

static const struct param list_params[] = {
    {"state", PARAM_CHOICE, .choices = states, .summary = "In this state."},
    {"name", PARAM_STRING, .max = LIMIT_NAME,
	.summary = "Whose name matches this pattern of * ? and [...]."},
    {"function", PARAM_STRING, .summary = "That run this function."},
    {"finished", PARAM_BOOL,
	.summary = "Only finished ones, or only live ones; default: both."},
    {"limit", PARAM_INTEGER, .min = 1, .max = LIMIT_PAGE,
	.summary = "The most rows of a page."},
    {"after", PARAM_INTEGER, .min = 1, .max = INT64_MAX,
	.summary = "The cursor that came with the page before; the other "
		   "params are as given."},
    {.type = PARAM_END},
};

static bool
is_listed(const struct call *call, const struct task *task)
{
	const json_t *state = call->params[LIST_STATE];
	const json_t *name = call->params[LIST_NAME];
	const json_t *function = call->params[LIST_FUNCTION];
	const json_t *finished = call->params[LIST_FINISHED];

	if (state != NULL &&
	    task->state != task_state_find(json_string_value(state)))
		return false;
	if (name != NULL &&
	    fnmatch(json_string_value(name), task_name(task), 0) != 0)
		return false;
	if (function != NULL &&
	    strcmp(json_string_value(function), task->function->name) != 0)
		return false;
	return finished == NULL ||
	       json_is_true(finished) == !task_is_live(task);
}

/* Whether a page has looked at enough, or for long enough: one match of a
   costly pattern takes up to a millisecond. */
static bool
is_enough(struct call *call, json_int_t looked, int64_t deadline)
{
	return looked >= LIMIT_PAGE ||
	       (looked % 8 == 7 && timers_now(scheduler_timers(
				       call->daemon->scheduler)) >= deadline);
}

static enum method_status
list_page(struct call *call, struct walk *walk)
{
	json_int_t limit = method_integer(
	    call->params[LIST_LIMIT], (json_int_t)call->daemon->page);
	int64_t deadline = timers_after(
	    scheduler_timers(call->daemon->scheduler), PAGE_SECONDS);
	json_int_t row = 0, looked = 0;
	struct task *task;
	FILE *out = open_page(call);

	while (row < limit && !is_enough(call, looked, deadline) &&
	       (task = walk_at(walk)) != NULL) {
		if (is_listed(call, task)) {
			fputs(row++ == 0 ? "{" : ",{", out);
			task_json_row(out, call->daemon->scheduler, task);
			fputc('}', out);
		}
		walk_next(walk, false);
		looked++;
	}
	return close_page(call, out, walk);
}

static enum method_status
list_handler(struct call *call)
{
	const json_t *after = call->params[LIST_AFTER];
	struct walk *walk =
	    after != NULL ?
		find_walk(call, after, CURSOR_LIST) :
		walk_new_list(&call->caller->walks,
		    tasks_first(scheduler_tasks(call->daemon->scheduler)));

	if (walk == NULL)
		return METHOD_ERROR;
	return list_page(call, walk);
}

const struct method method_list = {
    .name = "list",
    .summary = "Gives live and finished tasks by id, a page at a time.",
    .params = list_params,
    .result = METHOD_PAGE,
    .handler = list_handler,
};
