/* The lines that draw a tree: what stands before each task's name. */
#include "config.h"

#include "client/branch.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

struct symbols {
	const char *fork, *last, *line, *blank;
};

static const struct symbols box = {"├─", "└─", "│ ", "  "};
static const struct symbols ascii = {"|-", "`-", "| ", "  "};

void
branch_draw(struct branch *branch, char text[BRANCH_SIZE], json_int_t level,
    json_int_t children)
{
	const struct symbols *symbols =
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? &box : &ascii;
	json_int_t i;

	for (i = 1; i < level && i <= BRANCH_LEVELS; i++)
		text = stpcpy(
		    text, branch->left[i] > 0 ? symbols->line : symbols->blank);
	*text = '\0';
	if (level > BRANCH_LEVELS) {
		sprintf(text, "[%" JSON_INTEGER_FORMAT "] ", level);
	} else if (level > 0) {
		if (branch->left[level] > 0)
			branch->left[level]--;
		stpcpy(text,
		    branch->left[level] > 0 ? symbols->fork : symbols->last);
	}
	if (level >= 0 && level < BRANCH_LEVELS)
		branch->left[level + 1] = children;
}
