/* The tree of tasks as a graph, in the language of Graphviz. */
#ifndef CLIENT_DOT_H
#define CLIENT_DOT_H

#include <jansson.h>

/* Around the rows of the tree, all to stdout. */
void dot_begin(void);
void dot_end(void);

/* Prints a node for each row, and an edge from its parent where it has a level
   over 0; borrows the rows. */
void dot_tasks(const json_t *rows);

#endif
