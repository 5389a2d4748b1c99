/* The method pool: lists, shows and sets pools. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/gate.h"
#include "daemon/method_gate.h"
#include "daemon/quote.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/starters.h"

static void
write_row(FILE *out, const struct pool *pool)
{
	char *name = quote(pool->name);

	fprintf(out,
	    "\"name\":%s,\"size\":%" PRIu64 ",\"used\":%" PRIu64
	    ",\"holders\":%zu,\"queue\":%zu",
	    name, pool->size, pool->used, pool->nholders, pool->nqueued);
	free(name);
}

static void
write_ids(FILE *out, const char *key, const struct gate_list *gates)
{
	const struct gate *gate;
	size_t count = 0;

	fprintf(out, ",\"%s\":[", key);
	TAILQ_FOREACH (gate, gates, entry) {
		if (count == LIMIT_POOL_IDS)
			break;
		fprintf(
		    out, "%s%" PRIu64, count++ == 0 ? "" : ",", gate->task->id);
	}
	fputc(']', out);
}

static enum method_status
list_pools(struct call *call)
{
	const struct pools *pools = gates_pools(call->daemon->gates);
	const struct pool *pool;
	FILE *out = method_open_result(call);

	fputc('[', out);
	for (pool = pools->table; pool != NULL; pool = pool->hh.next) {
		fputs(pool == pools->table ? "{" : ",{", out);
		write_row(out, pool);
		fputc('}', out);
	}
	fputc(']', out);
	return method_close_result(out);
}

/* One that is not there has the default size: it is made to be shown. */
static enum method_status
show_pool(struct call *call, const char *name)
{
	struct pools *pools = gates_pools(call->daemon->gates);
	struct pool *pool = pool_use(pools, name);
	FILE *out = method_open_result(call);

	fputc('{', out);
	write_row(out, pool);
	write_ids(out, "running", &pool->holders);
	write_ids(out, "queued", &pool->queue);
	fputc('}', out);
	pool_end_use(pools, pool);
	return method_close_result(out);
}

static json_t *
check_size(struct call *call, const json_t *name)
{
	if (name == NULL)
		return error_new(ERROR_INVALID_PARAMS, "size: goes with name");
	if (!method_rules(call))
		return error_new(ERROR_PERMISSION_DENIED,
		    "the size of a pool is for the daemon's own user and root "
		    "to set");
	return NULL;
}

static enum method_status
pool_handler(struct call *call)
{
	const json_t *name = call->params[POOL_NAME];
	const json_t *size = call->params[POOL_SIZE];

	if (size != NULL)
		call->error = check_size(call, name);
	if (call->error != NULL)
		return METHOD_ERROR;
	if (name == NULL)
		return list_pools(call);
	if (size != NULL && !method_gate_room(call, json_string_value(name)))
		return METHOD_ERROR;
	if (size != NULL)
		pool_resize(gates_pools(call->daemon->gates),
		    json_string_value(name),
		    (uint64_t)json_integer_value(size));
	return show_pool(call, json_string_value(name));
}

#define ROW \
	"\"required\":[\"name\",\"size\",\"used\",\"holders\",\"queue\"]," \
	"\"properties\":{\"name\":{\"type\":\"string\"}," \
	"\"size\":{\"type\":\"integer\"},\"used\":{\"type\":\"integer\"}," \
	"\"holders\":{\"type\":\"integer\"},\"queue\":{\"type\":\"integer\"}," \
	"\"running\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}," \
	"\"queued\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}"

const struct method method_pool = {
    .name = "pool",
    .summary = "Lists pools, shows one, or sets its size.",
    .params = starter_pool,
    .result =
	"{\"oneOf\":[{\"type\":\"object\"," ROW
	"},{\"type\":\"array\",\"items\":{\"type\":\"object\"," ROW "}}]}",
    .handler = pool_handler,
};
