/* tasklet-ctl log: prints what a task has printed. */
#include "config.h"

#include <stdint.h>
#include <unistd.h>

#include "client/argument.h"
#include "client/chunk.h"
#include "client/command.h"
#include "client/report.h"
#include "client/text.h"
#include "client/value.h"

enum { OPTION_STDOUT = 256, OPTION_STDERR };

static const struct option options[] = {
    {"follow", no_argument, NULL, 'f'},
    {"lines", required_argument, NULL, 'n'},
    {"stdout", no_argument, NULL, OPTION_STDOUT},
    {"stderr", no_argument, NULL, OPTION_STDERR},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct log {
	struct client *client;
	json_t *params;	  /* of output */
	json_int_t lines; /* the last ones alone; -1 for all */
	bool follows;
	bool is_exact; /* the data come in base64 */
	uint64_t lost; /* as told */
	bool has_begun;
	bool has_missed; /* some, since it began */
};

/* The last lines of it; what comes after the last LF is one too. */
static size_t
skip_lines(const struct chunk *chunk, json_int_t lines)
{
	size_t at = chunk->length;

	if (lines < 0)
		return 0;
	if (lines == 0 || at == 0)
		return at;
	at--;
	while (at > 0 && (chunk->data[at - 1] != '\n' || --lines > 0))
		at--;
	return at;
}

static void
note_lost(struct log *log, const struct chunk *chunk)
{
	if (chunk->lost > 0 && log->has_begun)
		log->has_missed = true;
	log->has_begun = true;
	log->lost += (uint64_t)chunk->lost;
}

static void
print_text(const struct chunk *chunk, size_t skip)
{
	if (chunk->lost > 0 && skip == 0)
		report_notice("%" JSON_INTEGER_FORMAT " bytes before this are "
			      "gone: the daemon keeps the last ones alone",
		    chunk->lost);
	text_print(chunk->data + skip, chunk->length - skip);
}

/* Returns where the next one begins. */
static json_int_t
print_chunk(struct log *log, json_t *value, json_int_t lines)
{
	struct chunk chunk;
	size_t skip;

	if (chunk_create(&chunk, value, log->is_exact) == -1)
		call_refuse_result(&log->client->call);
	note_lost(log, &chunk);
	skip = skip_lines(&chunk, lines);
	if (log->client->json) {
		json_object_set_new(value, "data",
		    json_stringn(chunk.data + skip, chunk.length - skip));
		value_print_json(value);
	} else {
		print_text(&chunk, skip);
	}
	report_check_stdout();
	chunk_destroy(&chunk);
	return chunk.next;
}

static void
note_output(void *arg, json_t *params)
{
	print_chunk(arg, params, -1);
}

/* What was lost at the very end is in the result alone. */
static void
follow(struct log *log)
{
	struct call *call = &log->client->call;
	struct chunk end;
	json_t *result;

	call->method = "output";
	call->notify = note_output;
	call->arg = log;
	json_object_set_new(log->params, "follow", json_true());
	result = call_method(call, "output", log->params);
	if (chunk_create(&end, result, log->is_exact) == -1)
		call_refuse_result(call);
	end.lost = (json_int_t)((uint64_t)end.lost - log->lost);
	note_lost(log, &end);
	if (!log->client->json)
		print_text(&end, 0);
	chunk_destroy(&end);
}

/* What is there; then follow goes on behind it. */
static void
print_kept(struct log *log)
{
	json_t *result =
	    call_method(&log->client->call, "output", json_incref(log->params));
	json_int_t next = print_chunk(log, result, log->lines);

	json_object_set_new(log->params, "after", json_integer(next));
	log->lost = 0;
}

static void
set_option(struct log *log, int c)
{
	json_t *lines;

	switch (c) {
	case 'f':
		log->follows = true;
		break;
	case 'n':
		lines = argument_count("--lines", optarg);
		log->lines = json_integer_value(lines);
		json_decref(lines);
		break;
	case OPTION_STDOUT:
	case OPTION_STDERR:
		json_object_set_new(log->params, "stream",
		    json_string(c == OPTION_STDOUT ? "stdout" : "stderr"));
		break;
	}
}

static int
run_log(struct client *client, int argc, char **argv)
{
	struct log log = {
	    .client = client, .params = json_object(), .lines = -1};
	int c;

	while ((c = command_option(client, argc, argv)) != -1)
		set_option(&log, c);
	json_object_set_new(log.params, "task", argument_task(argv[optind]));
	/* A terminal wants whole characters, all else the bytes. */
	log.is_exact = !client->json && !isatty(STDOUT_FILENO);
	if (log.is_exact)
		json_object_set_new(
		    log.params, "encoding", json_string("base64"));
	if (!log.follows || log.lines >= 0)
		print_kept(&log);
	if (log.follows)
		follow(&log);
	else
		json_decref(log.params);
	return log.has_missed ? STATUS_FAILED : STATUS_OK;
}

static const char help[] =
    "  -f, --follow   go on with what it prints until it has ended\n"
    "  -n, --lines N  only the last N lines of what is there\n"
    "      --stdout   only what it wrote there\n"
    "      --stderr   likewise\n"
    "\n"
    "The daemon keeps the last 64 KiB of a task's output; of more, the loss "
    "is\n"
    "told on stderr. With --json, a line for each piece: {\"data\", \"next\",\n"
    "\"lost\"}, and with --follow its \"task\" and \"stream\".\n";

const struct command cmd_log = {
    .name = "log",
    .alias = "output",
    .usage = "[OPTION...] TASK",
    .summary = "Print what a task has printed",
    .help = help,
    .shorts = ":hfn:",
    .longs = options,
    .least = 1,
    .most = 1,
    .handler = run_log,
};
