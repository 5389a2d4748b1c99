/* tasklet-ctl sleep: waits, on the daemon's clock. */
#include "config.h"

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/value.h"

static int
run_sleep(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);
	json_t *params = json_pack(
	    "{s:o}", "seconds", argument_seconds("DURATION", operands[0]));
	json_t *result = call_method(&client->call, "sleep", params);

	if (client->json)
		value_print_json(result);
	return STATUS_OK;
}

const struct command cmd_sleep = {
    .name = "sleep",
    .usage = "DURATION",
    .summary = "Wait in the daemon: 1.5, 500ms, 10s, 5m, 2h, 1d",
    .least = 1,
    .most = 1,
    .handler = run_sleep,
};
