/* Cursors: where a walk over the tasks goes on, exact while tasks come, end
   and are adopted. */
#ifndef DAEMON_CURSOR_H
#define DAEMON_CURSOR_H

#include "daemon/task.h"

/* At most this many for each caller: the oldest goes. */
#define CURSORS_MOST 8

enum cursor_kind {
	CURSOR_FREE,
	CURSOR_TREE, /* preorder; moves on when its task leaves the tree */
	CURSOR_LIST  /* by id; moves on when its task is let go */
};

/* One end of a walk: linked to the task it stands on, if any. */
struct cursor {
	LIST_ENTRY(cursor) link;
	struct task *at;
	struct walk *walk;
};

/*
 * A walk in progress. Preorder keeps its order when a task leaves the tree,
 * as its children take its place; so it is enough to move on from that one.
 * The bound of a tree walk is its top; once that has left the tree, it is the
 * first task after what was below it.
 */
struct walk {
	struct cursor next;
	struct cursor bound;
	enum cursor_kind kind;
	bool top_gone;
	size_t top_depth; /* level 0 */
	uint64_t id;	  /* 0: free */
};

struct walks {
	/* One more than are kept: that of the page in progress. */
	struct walk walks[CURSORS_MOST + 1];
	uint64_t last_id;
};

/* Zeroed it is empty; clear it before it goes. */
void walks_clear(struct walks *walks);

/* A walk of the tree from `top` (live), standing on it; or of all tasks by
   id, standing on `first`. To be renewed or ended in the same turn. */
struct walk *walk_new_tree(struct walks *walks, struct task *top);
struct walk *walk_new_list(struct walks *walks, struct task *first);
void walk_end(struct walk *walk);

/* The walk of that cursor, or NULL. */
struct walk *walk_find(struct walks *walks, uint64_t id);

/* A new id for where it stands now: an old one is not answered twice. Where
   that makes too many walks, the oldest ends. */
uint64_t walk_renew(struct walks *walks, struct walk *walk);

/* The task it stands on, NULL at its end. */
struct task *walk_at(const struct walk *walk);

/* The level of that task in a tree walk; O(depth). */
int64_t walk_level(struct walk *walk);

/* Moves on: to the next task, or past the descendants of this one. Returns by
   how much the level changes; 0 for a list, and at the end. */
int64_t walk_next(struct walk *walk, bool over_descendants);

/* For daemon/task: the task is about to leave the tree; to be freed. */
void cursor_task_leaves(struct task *task);
void cursor_task_goes(struct task *task, struct task *next);

#endif
