/* All about a task, a line for each member of it. */
#include "config.h"

#include "client/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/duration.h"
#include "client/render.h"
#include "proto/bytes.h"
#include "proto/compact.h"
#include "proto/xalloc.h"

/* Each makes the text of one field, to be freed with free(). */
static char *
time_text(const json_t *value)
{
	char text[RENDER_TIME_SIZE];

	render_time(text, true, json_number_value(value));
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

/* "up to 3 more times when it fails, after 1s, then twice as long, 1m at
   most" */
static char *
retry_text(const json_t *value)
{
	char first[DURATION_SIZE], most[DURATION_SIZE];
	json_int_t times = json_integer_value(json_object_get(value, "times"));

	duration_format(
	    first, json_number_value(json_object_get(value, "backoff")));
	duration_format(
	    most, json_number_value(json_object_get(value, "max_backoff")));
	return xasprintf("up to %" JSON_INTEGER_FORMAT " more time%s when it "
			 "fails, after %s, then twice as long, %s at most",
	    times, times == 1 ? "" : "s", first, most);
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
	if (strcmp(kind, "retry") == 0)
		return retry_text(value);
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

/* A word as a shell would read it. */
static void
write_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	if (*word != '\0' && word[strspn(word, plain)] == '\0') {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}

static char *
command_text(const json_t *value)
{
	size_t size, i, length;
	char *text, *word;
	FILE *out = xopen_memstream(&text, &size);
	json_t *arg;

	json_array_foreach (value, i, arg) {
		fputs(i == 0 ? "" : " ", out);
		word = bytes_read(arg, &length);
		write_word(out, word != NULL ? word : "?");
		free(word);
	}
	fclose(out);
	return text;
}

static char *
bytes_text_of(const json_t *value)
{
	size_t length;
	char *text = bytes_read(value, &length);

	return text != NULL ? text : compact_text(value);
}

static char *
cpu_text(const json_t *value)
{
	double user = json_number_value(json_object_get(value, "user")),
	       system = json_number_value(json_object_get(value, "system"));

	return xasprintf("%.3gs user, %.3gs system", user, system);
}

/* In the largest unit that it is one of. */
static char *
memory_text(const json_t *value)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double size = json_number_value(value);
	size_t unit = 0;

	while (size >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
		size /= 1024;
		unit++;
	}
	return xasprintf("%.3g %s", size, units[unit]);
}

static char *
signal_text(const json_t *value)
{
	const char *name = json_string_value(json_object_get(value, "name"));
	json_int_t number =
	    json_integer_value(json_object_get(value, "number"));

	return xasprintf("%" JSON_INTEGER_FORMAT "%s%s%s", number,
	    name != NULL ? ", " : "", name != NULL ? name : "",
	    json_is_true(json_object_get(value, "core")) ? ", core dumped" :
							   "");
}

/* "1234 sleep, 1240 make": the processes that a command left behind. */
static char *
leftovers_text(const json_t *value)
{
	size_t size, i;
	char *text;
	FILE *out = xopen_memstream(&text, &size);
	json_int_t pid;
	const char *command;
	json_t *one;

	json_array_foreach (value, i, one)
		if (json_unpack(one, "{s:I, s:s}", "pid", &pid, "command",
			&command) == 0)
			fprintf(out, "%s%" JSON_INTEGER_FORMAT " %s",
			    i == 0 ? "" : ", ", pid, command);
	fclose(out);
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
    {"run_timeout", timeout_text},
    {"wait", wait_text},
    {"recurrence", recurrence_text},
    {"owner", owner_text},
    {"last_error", error_text},
    {"error", error_text},
    {"argv", command_text},
    {"cwd", bytes_text_of},
    {"cpu", cpu_text},
    {"memory", memory_text},
    {"peak_memory", memory_text},
    {"signal", signal_text},
    {"leftovers", leftovers_text},
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

/* Of a command argv says what args do, and mostly it leaves nothing behind. */
static bool
is_shown(const json_t *task, const char *name, const json_t *value)
{
	if (strcmp(name, "args") == 0)
		return json_object_get(task, "argv") == NULL;
	return strcmp(name, "leftovers") != 0 || json_array_size(value) > 0;
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

/* One of its runs: when it began, how long it took, how it ended. */
static char *
attempt_text(json_t *attempt)
{
	json_t *started = json_object_get(attempt, "started"),
	       *error = json_object_get(attempt, "error");
	double span = json_number_value(json_object_get(attempt, "finished")) -
		      json_number_value(started);
	char *begin = time_text(started), took[DURATION_SIZE], *text;
	char *how = error == NULL ? xstrdup("done") : error_text(error);

	duration_format(took, span);
	text = xasprintf("%s, %s: %s", begin, took, how);
	free(begin);
	free(how);
	return text;
}

/* The last ones; the first of all is number 1. */
static void
add_attempts(struct libscols_table *table, const json_t *task, json_t *attempts)
{
	json_int_t runs = json_integer_value(json_object_get(task, "runs")),
		   count = (json_int_t)json_array_size(attempts),
		   number = runs > count ? runs - count : 0;
	char *field, *text;
	json_t *attempt;
	size_t i;

	json_array_foreach (attempts, i, attempt) {
		field = xasprintf("attempt.%" JSON_INTEGER_FORMAT, ++number);
		text = attempt_text(attempt);
		render_pair(table, field, text);
		free(field);
		free(text);
	}
}

void
fields_print(json_t *task)
{
	struct libscols_table *table = render_pairs_new(NULL, NULL);
	const char *name;
	json_t *value;

	json_object_foreach (task, name, value) {
		if (strcmp(name, "describe") == 0)
			add_description(table, value);
		else if (strcmp(name, "attempts") == 0)
			add_attempts(table, task, value);
		else if (is_shown(task, name, value))
			add_field(table, name, value);
	}
	render_finish_whole(table);
}
