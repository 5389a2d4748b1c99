/* Measures tasklet beside its peers: a table, and the points of a plot. */
#include "config.h"

#include "tests/bench/peers.h"

#include <stdlib.h>

#include "proto/xalloc.h"
#include "tests/bench/fail.h"
#include "tests/bench/place.h"
#include "tests/bench/programs.h"
#include "tests/bench/server.h"

static void
write_file(const char *folder, const char *name,
    void (*print)(FILE *out, const struct figures *figures),
    const struct figures *figures)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *out = fopen(path, "w");

	if (out == NULL)
		fail_errno(path);
	print(out, figures);
	if (fclose(out) == EOF)
		fail_errno(path);
	free(path);
}

static void
destroy(struct figures *figures)
{
	for (int i = 0; i < COLUMNS; i++)
		sample_destroy(&figures->cells[i]);
	for (int i = 0; i < SIZES; i++) {
		sample_destroy(&figures->bytes[i]);
		sample_destroy(&figures->seconds[i]);
	}
}

int
main(int argc, char **argv)
{
	static struct figures figures[PEERS];
	struct programs programs;

	if (argc != 2) {
		fputs("usage: bench-peers FOLDER\n"
		      "Writes the table to peers.txt in the folder, and to "
		      "stdout; the points of the\n"
		      "plot to peers.dat.\n",
		    stderr);
		return 2;
	}
	programs_find(&programs);
	place_first();
	server_set_up();
	peers_measure(&programs, figures);
	write_file(argv[1], "peers.txt", peers_print_table, figures);
	write_file(argv[1], "peers.dat", peers_print_points, figures);
	peers_print_table(stdout, figures);
	for (int i = 0; i < PEERS; i++)
		destroy(&figures[i]);
	return 0;
}
