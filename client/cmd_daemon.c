/* tasklet-ctl stats, ping, version, shutdown: the daemon itself. */
#include "config.h"

#include <stdlib.h>

#include "client/command.h"
#include "client/render.h"
#include "client/report.h"
#include "client/value.h"
#include "proto/xalloc.h"
#include "proto/compact.h"

/* Members of members get dotted names. Recursion is bounded, as a reply's
   nesting is. */
static void
add_members(struct libscols_table *table, const char *prefix, json_t *object)
{
	const char *key;
	json_t *member;
	char *name, *text;

	json_object_foreach (object, key, member) {
		name = xasprintf("%s%s%s", prefix, *prefix ? "." : "", key);
		if (json_is_object(member)) {
			add_members(table, name, member);
		} else {
			text = json_is_string(member) ?
				   xstrdup(json_string_value(member)) :
				   compact_text(member);
			render_pair(table, name, text);
			free(text);
		}
		free(name);
	}
}

/* Calls the method and prints the object that it gives. */
static int
print_object(struct client *client, const char *method)
{
	json_t *result = call_method(&client->call, method, NULL);
	struct libscols_table *table;

	if (!json_is_object(result))
		call_refuse_result(&client->call);
	if (client->json) {
		value_print_json(result);
	} else {
		table = render_pairs_new(NULL, NULL);
		add_members(table, "", result);
		render_finish_whole(table);
	}
	return STATUS_OK;
}

static int
run_stats(struct client *client, int argc, char **argv)
{
	command_operands(client, argc, argv);
	return print_object(client, "stats");
}

static int
run_version(struct client *client, int argc, char **argv)
{
	command_operands(client, argc, argv);
	return print_object(client, "version");
}

static int
run_ping(struct client *client, int argc, char **argv)
{
	json_t *result;

	command_operands(client, argc, argv);
	result = call_method(&client->call, "ping", NULL);
	value_print(result, client->json);
	return STATUS_OK;
}

static int
run_shutdown(struct client *client, int argc, char **argv)
{
	json_t *result;

	command_operands(client, argc, argv);
	result = call_method(&client->call, "shutdown", NULL);
	if (client->json)
		value_print_json(result);
	return STATUS_OK;
}

const struct command cmd_stats = {
    .name = "stats",
    .usage = "",
    .summary = "Print the daemon's counters and gauges",
    .least = 0,
    .most = 0,
    .handler = run_stats,
};

const struct command cmd_version = {
    .name = "version",
    .usage = "",
    .summary = "Print the daemon's version, pid and instance",
    .least = 0,
    .most = 0,
    .handler = run_version,
};

const struct command cmd_ping = {
    .name = "ping",
    .usage = "",
    .summary = "Ask whether the daemon answers",
    .least = 0,
    .most = 0,
    .handler = run_ping,
};

const struct command cmd_shutdown = {
    .name = "shutdown",
    .usage = "",
    .summary = "Cancel all tasks and end the daemon",
    .least = 0,
    .most = 0,
    .handler = run_shutdown,
};
