/* Runs a harness on the files of its corpus, where there is no libFuzzer. */
#include "config.h"

#include <dirent.h>
#include <libgen.h>
#include <string.h>

#include "proto/xalloc.h"
#include "tests/fuzz/fuzz.h"

/* An input is at its exact size on the heap: a byte too far is seen. */
static void
replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t length;
	char *data;

	/* The last one in the log is the one that failed. */
	fprintf(stderr, "%s\n", path);
	if (file == NULL || fseek(file, 0, SEEK_END) == -1) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	length = (size_t)ftell(file);
	rewind(file);
	data = xmalloc(length);
	fuzz_check(fread(data, 1, length, file) == length);
	fclose(file);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)data, length);
	free(data);
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
replay_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_shown, alphasort), i;
	char *path;

	if (count <= 0) {
		fprintf(stderr, "%s: no corpus\n", folder);
		exit(EXIT_FAILURE);
	}
	for (i = 0; i < count; i++) {
		path = xasprintf("%s/%s", folder, entries[i]->d_name);
		replay_file(path);
		free(path);
		free(entries[i]);
	}
	free(entries);
}

/* The corpus of fuzz_NAME is corpus/NAME. */
static char *
own_folder(char *program)
{
	const char *source = getenv("top_srcdir");
	const char *name = strstr(basename(program), "fuzz_");

	fuzz_check(name != NULL);
	return xasprintf("%s/tests/fuzz/corpus/%s",
	    source == NULL ? "." : source, name + strlen("fuzz_"));
}

/* With arguments: on these files. A harness may clear the environment. */
int
main(int argc, char *argv[])
{
	char *folder = own_folder(argv[0]);
	int i;

	LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++)
		replay_file(argv[i]);
	if (argc == 1)
		replay_folder(folder);
	free(folder);
	return EXIT_SUCCESS;
}
