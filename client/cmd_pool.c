/* tasklet-ctl pool: shows pools and sets their size. */
#include "config.h"

#include <stdlib.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/render.h"
#include "client/report.h"
#include "client/value.h"
#include "proto/xalloc.h"

/* What there is of one pool, in columns. */
static const char *const headings[] = {
    "POOL", "SIZE", "USED", "RUNNING", "QUEUED", NULL};

/* "2: 12 14", and dots where there are more ids than the daemon lists; of all
   pools the count alone. */
static char *
ids_text(json_int_t count, const json_t *ids)
{
	size_t size, i;
	char *text;
	FILE *out = xopen_memstream(&text, &size);
	json_t *id;

	fprintf(out, "%" JSON_INTEGER_FORMAT, count);
	json_array_foreach (ids, i, id)
		fprintf(out, "%s%" JSON_INTEGER_FORMAT, i == 0 ? ": " : " ",
		    json_integer_value(id));
	if (ids != NULL && (json_int_t)json_array_size(ids) < count)
		fputs(" ...", out);
	fclose(out);
	return text;
}

static void
add_pool(
    struct client *client, struct libscols_table *table, const json_t *pool)
{
	json_int_t size, used, holders, queue;
	char *cells[6] = {NULL};
	const char *name;
	size_t i;

	if (json_unpack((json_t *)pool, "{s:s, s:I, s:I, s:I, s:I}", "name",
		&name, "size", &size, "used", &used, "holders", &holders,
		"queue", &queue) == -1)
		call_refuse_result(&client->call);
	cells[0] = xstrdup(name);
	cells[1] = ids_text(size, NULL);
	cells[2] = ids_text(used, NULL);
	cells[3] = ids_text(holders, json_object_get(pool, "running"));
	cells[4] = ids_text(queue, json_object_get(pool, "queued"));
	render_row(table, (const char *const *)cells);
	for (i = 0; cells[i] != NULL; i++)
		free(cells[i]);
}

static void
print_pools(struct client *client, const json_t *result)
{
	struct libscols_table *table = render_table_new(headings);
	json_t *pool;
	size_t i;

	json_array_foreach (result, i, pool)
		add_pool(client, table, pool);
	if (!json_is_array(result))
		add_pool(client, table, result);
	render_finish(table);
}

static int
run_pool(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);
	json_t *params = json_object(), *result;

	if (operands[0] != NULL)
		json_object_set_new(
		    params, "name", argument_string("POOL", operands[0]));
	if (operands[0] != NULL && operands[1] != NULL)
		json_object_set_new(
		    params, "size", argument_count("SIZE", operands[1]));
	result = call_method(&client->call, "pool", params);
	if (!client->json)
		print_pools(client, result);
	else if (json_is_array(result))
		value_print_elements(result);
	else
		value_print_json(result);
	return STATUS_OK;
}

static const char help[] =
    "A pool is a number of slots, by default as many as there are processors.\n"
    "A task of 'spawn --pool POOL' takes one, or its --weight, for as long as "
    "it\n"
    "runs, and waits in the order of coming. SIZE sets how many there are; "
    "with\n"
    "0 what runs goes on, and nothing else starts.\n";

const struct command cmd_pool = {
    .name = "pool",
    .usage = "[POOL [SIZE]]",
    .summary = "Show pools, who is in them, or set one's size",
    .help = help,
    .least = 0,
    .most = 2,
    .handler = run_pool,
};
