/* The tree of tasks, naively: its preorder as an array of ids and depths, to
   which tests compare the real one. */
#ifndef TESTS_NAIVE_TREE_H
#define TESTS_NAIVE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/task.h"

#define NAIVE_TREE_MOST 512

struct naive_node {
	uint64_t id;
	size_t depth;
};

/* Zeroed it is empty. */
struct naive_tree {
	struct naive_node nodes[NAIVE_TREE_MOST];
	size_t count;
};

/* As the last child of `parent`; 0 for the root. */
void naive_tree_add(struct naive_tree *tree, uint64_t parent, uint64_t id);

/* Its children take its place. */
void naive_tree_remove(struct naive_tree *tree, uint64_t id);

/* Where it stands in the array; it must be there. */
size_t naive_tree_find(const struct naive_tree *tree, uint64_t id);

/* How many are below it. */
size_t naive_tree_below(const struct naive_tree *tree, uint64_t id);

/* Fails the test unless the tree below `root` is the same: each task in its
   place, and each of its links two-way. */
void naive_tree_check(const struct naive_tree *tree, const struct task *root);

#endif
