/* The lines that draw a tree: what stands before each task's name. */
#ifndef CLIENT_BRANCH_H
#define CLIENT_BRANCH_H

#include <jansson.h>

/* Levels that are drawn; below, a task shows its level as a number, so that a
   deep tree stays readable and its drawing linear in its size. */
#define BRANCH_LEVELS 20

/* A tree being drawn in preorder. Zeroed, nothing is drawn yet. */
struct branch {
	/* Tasks still to come under the last one drawn of the level above. */
	json_int_t left[BRANCH_LEVELS + 1];
};

/* What BRANCH_SIZE bytes hold. */
#define BRANCH_SIZE 160

/*
 * Writes what stands before the name of the next task. Its children are
 * counted down to know which is the last; where the tree changes meanwhile,
 * a line may look wrong, no more.
 */
void branch_draw(struct branch *branch, char text[BRANCH_SIZE],
    json_int_t level, json_int_t children);

#endif
