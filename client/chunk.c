/* A piece of a task's output, as the daemon tells of it. */
#include "config.h"

#include "client/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "proto/bytes.h"

static char *
read_data(json_t *data, bool base64, size_t *length)
{
	json_t *object;
	char *bytes;

	if (!base64)
		return bytes_read(data, length);
	object = json_pack("{s:O}", "base64", data);
	bytes = bytes_read(object, length);
	json_decref(object);
	return bytes;
}

int
chunk_create(struct chunk *chunk, const json_t *value, bool base64)
{
	const char *stream = "stdout";
	json_t *data;

	memset(chunk, 0, sizeof *chunk);
	if (json_unpack((json_t *)value, "{s:o, s:I, s?I, s?s}", "data", &data,
		"next", &chunk->next, "lost", &chunk->lost, "stream",
		&stream) == -1 ||
	    !json_is_string(data))
		return -1;
	chunk->is_stderr = strcmp(stream, "stderr") == 0;
	chunk->data = read_data(data, base64, &chunk->length);
	return chunk->data == NULL ? -1 : 0;
}

void
chunk_destroy(struct chunk *chunk)
{
	free(chunk->data);
}
