/* The methods about the daemon itself. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "daemon/boot.h"
#include "daemon/cgroup.h"
#include "daemon/function.h"
#include "daemon/gate.h"
#include "daemon/host.h"
#include "daemon/scheduler.h"
#include "daemon/task.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

static const struct param no_params[] = {{.type = PARAM_END}};

static enum method_status
ping_handler(struct call *call)
{
	call->result = xstrdup("\"pong\"");
	return METHOD_DONE;
}

const struct method method_ping = {
    .name = "ping",
    .summary = "Replies \"pong\".",
    .params = no_params,
    .result = "{\"const\":\"pong\"}",
    .handler = ping_handler,
};

static enum method_status
version_handler(struct call *call)
{
	return method_return(call,
	    json_pack("{s:s, s:s, s:i, s:s, s:I, s:I}", "name", "taskletd",
		"version", PACKAGE_VERSION, "protocol", PROTOCOL_VERSION,
		"instance", call->daemon->instance, "pid", (json_int_t)getpid(),
		"uid", (json_int_t)geteuid()));
}

const struct method method_version = {
    .name = "version",
    .summary = "Tells which daemon this is, and which run of it.",
    .params = no_params,
    .result = METHOD_OBJECT,
    .handler = version_handler,
};

static enum method_status
functions_handler(struct call *call)
{
	const struct function *const *function;
	json_t *list = json_array();

	for (function = functions; *function != NULL; function++)
		json_array_append_new(list, function_describe(*function));
	hosts_list_functions(call->daemon->hosts, list);
	return method_return(call, list);
}

const struct method method_functions = {
    .name = "functions",
    .summary = "Lists what tasks can run.",
    .params = no_params,
    .result = "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}",
    .handler = functions_handler,
};

static json_t *
tasks_json(struct scheduler *scheduler)
{
	const struct scheduler_counts *counts = scheduler_counts(scheduler);
	json_t *tasks = json_pack("{s:I, s:I, s:I}", "live",
	    (json_int_t)tasks_live(scheduler_tasks(scheduler)), "retained",
	    (json_int_t)counts->retained, "retained_bytes",
	    (json_int_t)counts->retained_bytes);
	enum task_state state;

	for (state = TASK_READY; state < TASK_DONE; state++)
		json_object_set_new(tasks, task_state_name(state),
		    json_integer((json_int_t)counts->live[state]));
	return tasks;
}

static json_t *
finished_json(const struct scheduler_counts *counts)
{
	json_t *finished = json_object();
	enum task_state state;

	for (state = TASK_DONE; state <= TASK_TIMEOUT; state++)
		json_object_set_new(finished, task_state_name(state),
		    json_integer((json_int_t)counts->finished[state]));
	return finished;
}

static json_t *
gates_json(struct gates *gates)
{
	const struct pools *pools = gates_pools(gates);

	return json_pack("{s:I, s:I, s:I}", "pools",
	    (json_int_t)pools_count(pools), "queued",
	    (json_int_t)pools->nqueued, "after",
	    (json_int_t)gates_pending(gates));
}

static enum method_status
stats_handler(struct call *call)
{
	struct daemon *daemon = call->daemon;
	struct scheduler *scheduler = daemon->scheduler;
	struct timers *timers = scheduler_timers(scheduler);
	double uptime = (double)(timers_now(timers) - daemon->started) /
			(double)NS_PER_SECOND;

	return method_return(call,
	    json_pack("{s:f, s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:b}", "uptime",
		uptime, "tasks", tasks_json(scheduler), "spawned",
		(json_int_t)scheduler_counts(scheduler)->spawned, "finished",
		finished_json(scheduler_counts(scheduler)), "gates",
		gates_json(daemon->gates), "timers",
		(json_int_t)timers_count(timers), "clients",
		(json_int_t)daemon->clients, "requests",
		(json_int_t)daemon->requests, "cgroups", cgroups_exist()));
}

const struct method method_stats = {
    .name = "stats",
    .summary = "Gives counters since the start, and gauges.",
    .params = no_params,
    .result = METHOD_OBJECT,
    .handler = stats_handler,
};

static enum method_status
shutdown_handler(struct call *call)
{
	call->daemon->shutdown(call->daemon);
	return method_return(call, json_null());
}

static enum method_status
reload_handler(struct call *call)
{
	json_t *errors;
	size_t done = boot_read(call->daemon->boot, &errors);

	return method_return(call, json_pack("{s:I, s:o}", "done",
				       (json_int_t)done, "errors", errors));
}

const struct method method_reload = {
    .name = "reload",
    .summary = "Does what the files of tasks at start say that are new or have "
	       "changed.",
    .params = no_params,
    .access = ACCESS_DAEMON,
    .result = "{\"type\":\"object\",\"required\":[\"done\",\"errors\"],"
	      "\"properties\":{\"done\":{\"type\":\"integer\"},"
	      "\"errors\":{\"type\":\"array\",\"items\":" METHOD_OBJECT "}}}",
    .handler = reload_handler,
};

const struct method method_shutdown = {
    .name = "shutdown",
    .summary = "Cancels all tasks and ends the daemon.",
    .params = no_params,
    .access = ACCESS_DAEMON,
    .result = METHOD_NULL,
    .handler = shutdown_handler,
};
