/* The methods that give many tasks, a page at a time: tree and list. */
#include "config.h"

#include "daemon/method_table.h"

#include <fnmatch.h>
#include <string.h>

#include "daemon/cursor.h"
#include "daemon/function.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "daemon/task_json.h"
#include "proto/error.h"
#include "proto/limits.h"

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

/* The page, and the cursor for the next one where there is more. */
static enum method_status
return_page(struct call *call, struct walk *walk, json_t *rows)
{
	json_t *next = json_null();

	if (walk_at(walk) == NULL)
		walk_end(walk);
	else
		next = json_integer(
		    (json_int_t)walk_renew(&call->caller->walks, walk));
	return method_return(
	    call, json_pack("{s:o, s:o}", "tasks", rows, "next", next));
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

/* A finished task is in no tree: it is its own only row. */
static enum method_status
finished_tree(struct call *call, const struct task *task)
{
	json_t *row = task_json_row(call->daemon->scheduler, task);

	json_object_set_new(row, "level", json_integer(0));
	return method_return(
	    call, json_pack("{s:[o], s:n}", "tasks", row, "next"));
}

static json_t *
tree_rows(struct call *call, struct walk *walk)
{
	json_int_t left =
	    method_integer(call->params[TREE_LIMIT], LIMIT_PAGE_DEFAULT);
	json_int_t depth = method_integer(call->params[TREE_DEPTH], INT64_MAX);
	json_int_t level = walk_level(walk);
	json_t *rows = json_array(), *row;
	struct task *task;

	for (; left > 0 && (task = walk_at(walk)) != NULL; left--) {
		row = task_json_row(call->daemon->scheduler, task);
		json_object_set_new(row, "level", json_integer(level));
		json_array_append_new(rows, row);
		level += walk_next(walk, level >= depth);
	}
	return rows;
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
	return return_page(call, walk, tree_rows(call, walk));
}

const struct method method_tree = {
    .name = "tree",
    .summary = "Gives the tree of tasks in preorder, a page at a time.",
    .params = tree_params,
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
    "done", "failed", "cancelled", "timeout", NULL};

static const struct param list_params[] = {
    {"state", PARAM_CHOICE, .choices = states, .summary = "In this state."},
    {"name", PARAM_STRING,
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

static json_t *
list_rows(struct call *call, struct walk *walk)
{
	json_int_t left =
	    method_integer(call->params[LIST_LIMIT], LIMIT_PAGE_DEFAULT);
	json_t *rows = json_array();
	struct task *task;
	int looked;

	for (looked = 0;
	     left > 0 && looked < LIMIT_PAGE && (task = walk_at(walk)) != NULL;
	     looked++) {
		if (is_listed(call, task)) {
			json_array_append_new(
			    rows, task_json_row(call->daemon->scheduler, task));
			left--;
		}
		walk_next(walk, false);
	}
	return rows;
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
	return return_page(call, walk, list_rows(call, walk));
}

const struct method method_list = {
    .name = "list",
    .summary = "Gives live and finished tasks by id, a page at a time.",
    .params = list_params,
    .handler = list_handler,
};
