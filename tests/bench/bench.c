/* Measures taskletd, beside a baseline, and says which claims hold. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/claims.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/report.h"
#include "tests/bench/server.h"

static const struct claim {
	const char *name;
	void (*check)(const struct programs *programs);
} claims[] = {
    {"spawn", claim_spawn},
    {"ping", claim_ping},
    {"redis", claim_redis},
    {"million", claim_million},
    {"names", claim_names},
    {"timers", claim_timers},
    {"ready", claim_ready},
    {"interval", claim_interval},
    {"host", claim_host},
    {"lua", claim_lua},
    {"message", claim_message},
    {"pool", claim_pool},
    {"after", claim_after},
    {"idle", claim_idle},
    {"start", claim_start},
    {"exec", claim_exec},
};

#define CLAIMS (sizeof claims / sizeof *claims)

static void
usage(FILE *out)
{
	fputs("usage: bench [--daemon PATH] [--baseline PATH] [CLAIM...]\n"
	      "All claims, or some of:",
	    out);
	for (size_t i = 0; i < CLAIMS; i++)
		fprintf(out, " %s", claims[i].name);
	fputc('\n', out);
}

static void
read_options(int argc, char **argv, struct programs *programs)
{
	static const struct option options[] = {
	    {"daemon", required_argument, NULL, 'd'},
	    {"baseline", required_argument, NULL, 'b'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (option) {
		case 'd':
			programs->daemon = optarg;
			break;
		case 'b':
			programs->baseline = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
}

static const struct claim *
find_claim(const char *name)
{
	for (size_t i = 0; i < CLAIMS; i++)
		if (strcmp(claims[i].name, name) == 0)
			return &claims[i];
	usage(stderr);
	exit(2);
}

/* Ratios stand a busy machine better than the figures themselves do. */
static void
note_load(void)
{
	double load;

	if (getloadavg(&load, 1) == 1 && load > 0.7)
		report_note(
		    "the machine is busy (load %.1f): expect noise", load);
}

int
main(int argc, char **argv)
{
	struct programs programs;

	programs_find(&programs);
	read_options(argc, argv, &programs);
	for (int i = optind; i < argc; i++)
		find_claim(argv[i]);
	place_first();
	server_set_up();
	report_heading();
	note_load();
	for (size_t i = 0; optind == argc && i < CLAIMS; i++)
		claims[i].check(&programs);
	for (int i = optind; i < argc; i++)
		find_claim(argv[i])->check(&programs);
	return report_missed() ? 1 : 0;
}
