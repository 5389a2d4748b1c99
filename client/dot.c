/* The tree of tasks as a graph, in the language of Graphviz. */
#include "config.h"

#include "client/dot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/text.h"
#include "proto/xalloc.h"

void
dot_begin(void)
{
	puts("digraph tasklet {\n"
	     "\trankdir=LR;\n"
	     "\tnode [shape=box];");
}

void
dot_end(void)
{
	puts("}");
}

/* Graphviz reads escapes and HTML's entities in a label. */
static void
print_label(const char *text)
{
	size_t size;
	char *label;
	FILE *out = xopen_memstream(&label, &size);

	for (; *text != '\0'; text++) {
		if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
	fclose(out);
	text_print(label, size);
	free(label);
}

static void
print_task(json_t *row)
{
	const char *name = "", *state = "";
	json_int_t id = 0, parent = 0, level = 0;

	json_unpack(row, "{s:I, s:s, s:s, s?I, s?I}", "id", &id, "name", &name,
	    "state", &state, "parent", &parent, "level", &level);
	printf("\t%" JSON_INTEGER_FORMAT " [label=\"", id);
	print_label(name);
	printf("\\n%" JSON_INTEGER_FORMAT " %s\"];\n", id, state);
	if (level > 0)
		printf("\t%" JSON_INTEGER_FORMAT " -> %" JSON_INTEGER_FORMAT
		       ";\n",
		    parent, id);
}

void
dot_tasks(const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		print_task(row);
}
