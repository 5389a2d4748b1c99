/* The tree of tasks, naively: its preorder as an array. */
#include "config.h"

#include "tests/naive_tree.h"

#include <string.h>

#include "tests/unit.h"

size_t
naive_tree_find(const struct naive_tree *tree, uint64_t id)
{
	size_t i = 0;

	while (i < tree->count && tree->nodes[i].id != id)
		i++;
	unit_check(i < tree->count);
	return i;
}

/* Where the first one stands that is not below the one at `at`. */
static size_t
end_of(const struct naive_tree *tree, size_t at)
{
	size_t i = at + 1;

	while (i < tree->count && tree->nodes[i].depth > tree->nodes[at].depth)
		i++;
	return i;
}

size_t
naive_tree_below(const struct naive_tree *tree, uint64_t id)
{
	size_t at = naive_tree_find(tree, id);

	return end_of(tree, at) - at - 1;
}

void
naive_tree_add(struct naive_tree *tree, uint64_t parent, uint64_t id)
{
	size_t above = parent == 0 ? 0 : naive_tree_find(tree, parent);
	size_t at = parent == 0 ? 0 : end_of(tree, above);
	struct naive_node *node = &tree->nodes[at];

	unit_check(tree->count < NAIVE_TREE_MOST);
	memmove(node + 1, node, (tree->count - at) * sizeof *node);
	node->id = id;
	node->depth = parent == 0 ? 0 : tree->nodes[above].depth + 1;
	tree->count++;
}

void
naive_tree_remove(struct naive_tree *tree, uint64_t id)
{
	size_t at = naive_tree_find(tree, id), end = end_of(tree, at), i;
	struct naive_node *node = &tree->nodes[at];

	for (i = at + 1; i < end; i++)
		tree->nodes[i].depth--;
	tree->count--;
	memmove(node, node + 1, (tree->count - at) * sizeof *node);
}

/* The children of one task: their links, their count, their age. */
static void
check_children(const struct task *task)
{
	const struct task *child;
	size_t count = 0;

	TAILQ_FOREACH (child, &task->children, sibling) {
		unit_check(child->parent == task);
		unit_check(child->id > task->id);
		unit_check(*child->sibling.tqe_prev == child);
		if (TAILQ_NEXT(child, sibling) == NULL)
			unit_check(
			    TAILQ_LAST(&task->children, task_list) == child);
		count++;
	}
	unit_check(count == task->nchildren);
}

void
naive_tree_check(const struct naive_tree *tree, const struct task *root)
{
	const struct task *task = root;
	size_t i;

	unit_check(root->parent == NULL);
	for (i = 0; i < tree->count; i++) {
		unit_check(task != NULL);
		unit_check(task->id == tree->nodes[i].id);
		unit_check(task_depth(task) == tree->nodes[i].depth);
		unit_check(task_is_live(task));
		check_children(task);
		task = task_next(task, root);
	}
	unit_check(task == NULL);
}
