/* tasklet-ctl send, request, receive, reply: messages between tasks. */
#include "config.h"

#include <string.h>

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/value.h"

enum { OPTION_TIMEOUT = 256 };

#define STRING_SHORTS "+:hs"

static const struct option string_options[] = {
    {"help", no_argument, NULL, 'h'}, {0}};

static const struct option timeout_options[] = {
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* Sets a timeout in the params; whether the body is a string in any case. */
static bool
read_options(struct client *client, json_t *params, int argc, char **argv)
{
	bool is_string = false;
	int c;

	while ((c = command_option(client, argc, argv)) != -1) {
		if (c == OPTION_TIMEOUT)
			json_object_set_new(params, "timeout",
			    argument_seconds("--timeout", optarg));
		else
			is_string = true;
	}
	return is_string;
}

static json_t *
body_of(const char *text, bool is_string)
{
	return is_string ? argument_string("the message", text) :
			   argument_value(text);
}

/* The params of send and call, from the operands too. */
static json_t *
message_params(struct client *client, int argc, char **argv)
{
	json_t *params = json_object();
	bool is_string = read_options(client, params, argc, argv);

	json_object_set_new(params, "task", argument_task(argv[optind]));
	json_object_set_new(
	    params, "body", body_of(argv[optind + 1], is_string));
	return params;
}

static int
run_send(struct client *client, int argc, char **argv)
{
	json_t *params = message_params(client, argc, argv);

	call_method(&client->call, "send", params);
	return STATUS_OK;
}

static int
run_request(struct client *client, int argc, char **argv)
{
	json_t *params = message_params(client, argc, argv);

	value_print(call_method(&client->call, "call", params), client->json);
	return STATUS_OK;
}

static int
run_receive(struct client *client, int argc, char **argv)
{
	json_t *params = json_object(), *message, *body;
	json_int_t number = 0;

	read_options(client, params, argc, argv);
	if (optind < argc)
		json_object_set_new(
		    params, "task", argument_task(argv[optind]));
	message = call_method(&client->call, "receive", params);
	if (json_unpack(
		message, "{s:o, s?I}", "body", &body, "call", &number) == -1)
		call_refuse_result(&client->call);
	value_print(client->json ? message : body, client->json);
	if (number > 0 && !client->json)
		report_notice("its sender waits for: tasklet-ctl reply "
			      "%" JSON_INTEGER_FORMAT " JSON",
		    number);
	return STATUS_OK;
}

static int
run_reply(struct client *client, int argc, char **argv)
{
	json_t *params = json_object();
	bool is_string = read_options(client, params, argc, argv);

	json_object_set_new(
	    params, "call", argument_count("the call", argv[optind]));
	json_object_set_new(
	    params, "result", body_of(argv[optind + 1], is_string));
	call_method(&client->call, "reply", params);
	return STATUS_OK;
}

#define TIMEOUT_HELP \
	"      --timeout D  wait at most that long (1.5, 500ms, 10s); then " \
	"exit 124\n"

#define STRING_HELP "  -s               JSON is a string, whatever it is\n"

#define BODY_HELP \
	"\n" \
	"JSON is read as an ARG of 'tasklet-ctl spawn': what is no JSON is a " \
	"string.\n"

static const char send_help[] = STRING_HELP BODY_HELP
    "It goes into the task's mailbox, which holds up to 1,000 messages and\n"
    "4 MiB, and waits there until the task, or 'tasklet-ctl receive TASK', "
    "takes\n"
    "it. Options end at TASK.\n";

static const char request_help[] = TIMEOUT_HELP STRING_HELP BODY_HELP
    "Options end at TASK. A task that ends without a reply is an error.\n";

static const char receive_help[] = TIMEOUT_HELP
    "\n"
    "In a command that is a task, its own mailbox is the one without TASK. "
    "The\n"
    "message alone is printed; with --json, an object of its \"body\", "
    "\"from\",\n"
    "the id of the task that sent it, and, where that waits for a reply,\n"
    "\"call\", a number for 'tasklet-ctl reply'; else that number is told on\n"
    "stderr.\n";

static const char reply_help[] = STRING_HELP BODY_HELP
    "CALL is the number that 'tasklet-ctl receive' told. Options end there.\n";

const struct command cmd_send = {
    .name = "send",
    .usage = "[-s] TASK JSON",
    .summary = "Send a task a message",
    .help = send_help,
    .shorts = STRING_SHORTS,
    .longs = string_options,
    .least = 2,
    .most = 2,
    .handler = run_send,
};

const struct command cmd_request = {
    .name = "request",
    .usage = "[OPTION...] TASK JSON",
    .summary = "Send a task a message, and print its reply",
    .help = request_help,
    .shorts = STRING_SHORTS,
    .longs = timeout_options,
    .least = 2,
    .most = 2,
    .handler = run_request,
};

const struct command cmd_receive = {
    .name = "receive",
    .usage = "[--timeout D] [TASK]",
    .summary = "Wait for the next message of a task, and print it",
    .help = receive_help,
    .shorts = ":h",
    .longs = timeout_options,
    .least = 0,
    .most = 1,
    .handler = run_receive,
};

const struct command cmd_reply = {
    .name = "reply",
    .usage = "[-s] CALL JSON",
    .summary = "Reply to a message whose sender waits for that",
    .help = reply_help,
    .shorts = STRING_SHORTS,
    .longs = string_options,
    .least = 2,
    .most = 2,
    .handler = run_reply,
};
