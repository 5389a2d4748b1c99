/* tasklet-ctl functions: lists what can be spawned. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/command.h"
#include "client/render.h"
#include "client/report.h"
#include "client/value.h"
#include "proto/xalloc.h"

static const char *
string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "?";
}

/* "sum [numbers:number...]", to be freed with free(). */
static char *
signature(const json_t *function)
{
	json_t *arguments = json_object_get(function, "arguments"), *argument;
	char *text = xstrdup(string_of(function, "name")), *longer;
	size_t i;

	json_array_foreach (arguments, i, argument) {
		const char *type = string_of(argument, "type");
		bool any = strcmp(type, "any") == 0,
		     repeat = json_is_true(json_object_get(argument, "repeat")),
		     optional = repeat || json_is_true(json_object_get(
					      argument, "optional"));

		longer = xasprintf("%s %s%s%s%s%s%s", text, optional ? "[" : "",
		    string_of(argument, "name"), any ? "" : ":",
		    any ? "" : type, repeat ? "..." : "", optional ? "]" : "");
		free(text);
		text = longer;
	}
	return text;
}

static void
print_functions(const json_t *functions)
{
	struct libscols_table *table = render_pairs_new("FUNCTION", "SUMMARY");
	json_t *function;
	char *text;
	size_t i;

	json_array_foreach (functions, i, function) {
		text = signature(function);
		render_pair(table, text, string_of(function, "summary"));
		free(text);
	}
	render_finish(table);
}

static int
run_functions(struct client *client, int argc, char **argv)
{
	json_t *functions;

	command_operands(client, argc, argv);
	functions = call_method(&client->call, "functions", NULL);
	if (!json_is_array(functions))
		call_refuse_result(&client->call);
	if (client->json)
		value_print_elements(functions);
	else
		print_functions(functions);
	return STATUS_OK;
}

const struct command cmd_functions = {
    .name = "functions",
    .usage = "",
    .summary = "List the functions that can be spawned",
    .least = 0,
    .most = 0,
    .handler = run_functions,
};
