/* tasklet-ctl show, parent, current: all about one task. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/duration.h"
#include "client/render.h"
#include "client/report.h"
#include "client/value.h"
#include "proto/xalloc.h"
#include "proto/compact.h"

/* Each makes the text of one field, to be freed with free(). */
static char *
time_text(const json_t *value)
{
	time_t seconds = (time_t)json_number_value(value);
	struct tm tm;
	char text[64] = "";

	if (localtime_r(&seconds, &tm) != NULL)
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &tm);
	return xstrdup(text);
}

static char *
timeout_text(const json_t *value)
{
	char text[DURATION_SIZE];

	duration_format(text, json_number_value(value));
	return xstrdup(text);
}

static char *
wait_text(const json_t *value)
{
	char text[RENDER_SIZE];

	render_wait(text, value, render_now());
	return xstrdup(text);
}

static char *
owner_text(const json_t *value)
{
	const char *user = json_string_value(json_object_get(value, "user"));

	return user != NULL ? xstrdup(user) : compact_text(value);
}

static char *
error_text(const json_t *value)
{
	const char *message =
	    json_string_value(json_object_get(value, "message"));

	return message != NULL ? xstrdup(message) : compact_text(value);
}

/* How often it runs: the numbers that the kind has. */
static char *
every_text(const json_t *value)
{
	const char *kind = json_string_value(json_object_get(value, "kind"));
	double seconds = json_number_value(json_object_get(value, "seconds"));
	char span[DURATION_SIZE];

	if (seconds < 60) /* with the milliseconds */
		snprintf(span, sizeof span, "%gs", seconds);
	else
		duration_format(span, seconds);
	if (kind == NULL)
		return compact_text(value);
	if (strcmp(kind, "later") == 0)
		return xasprintf("once, after %s", span);
	if (strcmp(kind, "interval") == 0)
		return xasprintf("%s between runs%s", span,
		    json_is_true(json_object_get(value, "immediate")) ?
			", the first at once" :
			"");
	if (strcmp(kind, "rate") == 0)
		return xasprintf("%g a second",
		    json_number_value(json_object_get(value, "hertz")));
	if (strcmp(kind, "loop") == 0)
		return xstrdup("in a loop");
	return compact_text(value);
}

/* And when that ends. */
static char *
recurrence_text(const json_t *value)
{
	char *kind = every_text(value), *text;
	json_int_t runs = 0, failures = 0;
	size_t size;
	FILE *out = xopen_memstream(&text, &size);

	json_unpack((json_t *)value, "{s?I, s?I}", "max_runs", &runs,
	    "max_failures", &failures);
	fputs(kind, out);
	if (runs > 0)
		fprintf(out, ", %" JSON_INTEGER_FORMAT " run%s at most", runs,
		    runs == 1 ? "" : "s");
	if (failures > 0)
		fprintf(out,
		    ", until it fails %" JSON_INTEGER_FORMAT " time%s in a row",
		    failures, failures == 1 ? "" : "s");
	fclose(out);
	free(kind);
	return text;
}

static const struct {
	const char *name;
	char *(*text)(const json_t *value);
} fields[] = {
    {"created", time_text},
    {"started", time_text},
    {"finished", time_text},
    {"timeout", timeout_text},
    {"wait", wait_text},
    {"recurrence", recurrence_text},
    {"owner", owner_text},
    {"last_error", error_text},
    {"error", error_text},
};

static char *
field_text(const char *name, const json_t *value)
{
	size_t i;

	for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].text(value);
	/* One with a U+0000 is shown as JSON. */
	if (json_is_string(value) &&
	    strlen(json_string_value(value)) == json_string_length(value))
		return xstrdup(json_string_value(value));
	return compact_text(value);
}

static void
add_field(struct libscols_table *table, const char *name, const json_t *value)
{
	char *text = field_text(name, value);

	render_pair(table, name, text);
	free(text);
}

/* What its program says of a hosted task, a field for each member. */
static void
add_description(struct libscols_table *table, json_t *description)
{
	const char *name;
	json_t *value;
	char *field;

	if (!json_is_object(description))
		render_pair(table, "describe",
		    "the program that hosts it does not answer");
	json_object_foreach (description, name, value) {
		field = xasprintf("describe.%s", name);
		add_field(table, field, value);
		free(field);
	}
}

static void
print_fields(json_t *task)
{
	struct libscols_table *table = render_pairs_new(NULL, NULL);
	const char *name;
	json_t *value;

	json_object_foreach (task, name, value)
		if (strcmp(name, "describe") == 0)
			add_description(table, value);
		else
			add_field(table, name, value);
	render_finish(table);
}

/* Calls the method with the task, if given, and prints the task it gives. */
static int
print_task(struct client *client, const char *method, const char *operand)
{
	json_t *params = json_object(), *task;

	if (operand != NULL)
		json_object_set_new(params, "task", argument_task(operand));
	task = call_method(&client->call, method, params);
	if (client->json)
		value_print_json(task);
	else if (json_is_null(task))
		report_notice("there is none");
	else if (json_is_object(task))
		print_fields(task);
	else
		call_refuse_result(&client->call);
	return STATUS_OK;
}

static int
run_show(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);

	return print_task(client, "show", operands[0]);
}

static int
run_parent(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);

	return print_task(client, "parent", operands[0]);
}

static int
run_current(struct client *client, int argc, char **argv)
{
	command_operands(client, argc, argv);
	return print_task(client, "current", NULL);
}

const struct command cmd_show = {
    .name = "show",
    .usage = "TASK",
    .summary = "Show all about a task, live or finished",
    .least = 1,
    .most = 1,
    .handler = run_show,
};

const struct command cmd_parent = {
    .name = "parent",
    .usage = "[TASK]",
    .summary = "Show a task's parent, by default this connection's",
    .least = 0,
    .most = 1,
    .handler = run_parent,
};

const struct command cmd_current = {
    .name = "current",
    .usage = "",
    .summary = "Show the task of this connection",
    .least = 0,
    .most = 0,
    .handler = run_current,
};
