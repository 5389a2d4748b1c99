/* tasklet-ctl output: prints what a task has printed. */
#include "config.h"

#include "client/argument.h"
#include "client/command.h"
#include "client/report.h"
#include "client/text.h"
#include "client/value.h"

struct page {
	const char *data;
	size_t length;
	json_int_t next, lost;
};

static void
print_page(
    const struct client *client, const json_t *result, const struct page *page)
{
	if (client->json) {
		value_print_json(result);
	} else {
		if (page->lost > 0)
			report_notice("%" JSON_INTEGER_FORMAT " bytes before "
				      "this are gone: the daemon keeps the "
				      "last ones alone",
			    page->lost);
		text_print(page->data, page->length);
	}
	report_check_stdout();
}

static int
run_output(struct client *client, int argc, char **argv)
{
	char **operands = command_operands(client, argc, argv);
	struct page page = {.next = 0};
	bool is_first = true;
	json_t *result;

	do {
		result = call_method(&client->call, "output",
		    json_pack("{s:o, s:I}", "task", argument_task(operands[0]),
			"after", page.next));
		if (json_unpack(result, "{s:s%, s:I, s:I}", "data", &page.data,
			&page.length, "next", &page.next, "lost",
			&page.lost) == -1)
			call_refuse_result(&client->call);
		if (is_first || page.length > 0)
			print_page(client, result, &page);
		is_first = false;
	} while (page.length > 0);
	return STATUS_OK;
}

const struct command cmd_output = {
    .name = "output",
    .alias = "log",
    .usage = "TASK",
    .summary = "Print what a task has printed so far",
    .least = 1,
    .most = 1,
    .handler = run_output,
};
