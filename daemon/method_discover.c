/* The method rpc.discover: the OpenRPC document, made from the table. */
#include "config.h"

#include "daemon/method_table.h"

#include <inttypes.h>

#include "daemon/recur.h"
#include "proto/signal.h"
#include "proto/error.h"
#include "proto/limits.h"
#include "proto/xalloc.h"

/* What `#/components/schemas` holds. */
static const char task_schema[] =
    "{\"type\":\"object\",\"description\":\"A task; what is absent it has "
    "not. Rows leave out args, result and error.\",\"required\":[\"id\","
    "\"name\",\"function\",\"children\",\"state\",\"created\",\"scope\","
    "\"owner\"],\"properties\":{"
    "\"id\":{\"type\":\"integer\",\"minimum\":1},"
    "\"name\":{\"type\":\"string\"},"
    "\"function\":{\"type\":\"string\"},"
    "\"level\":{\"type\":\"integer\",\"minimum\":0},"
    "\"parent\":{\"type\":\"integer\"},"
    "\"children\":{\"type\":\"integer\",\"minimum\":0},"
    "\"state\":{\"enum\":[\"ready\",\"running\",\"sleeping\",\"waiting\","
    "\"paused\",\"done\",\"failed\",\"cancelled\",\"timeout\"]},"
    "\"wait\":{\"type\":\"object\"},"
    "\"created\":{\"type\":\"number\"},"
    "\"started\":{\"type\":\"number\"},"
    "\"finished\":{\"type\":\"number\"},"
    "\"recurrence\":{\"type\":\"object\"},"
    "\"runs\":{\"type\":\"integer\"},"
    "\"failures\":{\"type\":\"integer\"},"
    "\"missed\":{\"type\":\"integer\"},"
    "\"last_error\":{\"type\":\"object\"},"
    "\"attempt\":{\"type\":\"integer\"},"
    "\"attempts\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
    "\"timeout\":{\"type\":\"number\"},"
    "\"run_timeout\":{\"type\":\"number\"},"
    "\"pool\":{\"type\":\"string\"},"
    "\"weight\":{\"type\":\"integer\"},"
    "\"scope\":{\"enum\":[\"detach\",\"wait\",\"cancel\"]},"
    "\"owner\":{\"type\":\"object\"},"
    "\"args\":{\"type\":\"array\"},"
    "\"host\":{\"type\":\"integer\"},"
    "\"describe\":{\"type\":[\"object\",\"null\"]},"
    "\"result\":{},\"error\":{\"type\":\"object\"}}}";

static const char page_schema[] =
    "{\"type\":\"object\",\"required\":[\"tasks\",\"next\"],"
    "\"properties\":{\"tasks\":{\"type\":\"array\",\"items\":" METHOD_TASK
    "},\"next\":{\"type\":[\"integer\",\"null\"]}}}";

static json_t *
parse(const char *text)
{
	return json_loads(text, 0, NULL);
}

static json_t *
task_param(void)
{
	return parse("{\"oneOf\":[{\"type\":\"integer\"},"
		     "{\"type\":\"string\"}]}");
}

static json_t *
choices(const char *const *choice)
{
	json_t *values = json_array();

	for (; *choice != NULL; choice++)
		json_array_append_new(values, json_string(*choice));
	return json_pack("{s:o}", "enum", values);
}

static json_t *
bytes_schema(const char *pattern)
{
	return json_pack(
	    "{s:[{s:s, s:s}, {s:s, s:[s], s:b, s:{s:{s:s, s:s}}}]}", "oneOf",
	    "type", "string", "pattern", pattern, "type", "object", "required",
	    "base64", "additionalProperties", false, "properties", "base64",
	    "type", "string", "contentEncoding", "base64");
}

static json_t *
signal_schema(void)
{
	json_t *names = json_array();
	int number;

	for (number = 1; number <= SIGNAL_MOST; number++) {
		if (signal_name(number) == NULL)
			continue;
		json_array_append_new(names, json_string(signal_name(number)));
		json_array_append_new(
		    names, json_sprintf("SIG%s", signal_name(number)));
	}
	return json_pack("{s:[{s:o}, {s:s, s:i, s:i}]}", "oneOf", "enum", names,
	    "type", "integer", "minimum", 1, "maximum", SIGNAL_MOST);
}

static json_t *
string_schema(json_int_t longest)
{
	json_t *schema = json_pack(
	    "{s:s, s:s}", "type", "string", "pattern", "^[^\\u0000]*$");

	if (longest != 0)
		json_object_set_new(schema, "maxLength", json_integer(longest));
	return schema;
}

static json_t *param_schema(const struct param *param);

static json_t *
object_schema(const struct param *member)
{
	json_t *properties, *required, *schema;

	if (member == NULL)
		return json_pack("{s:s}", "type", "object");
	properties = json_object();
	required = json_array();
	for (; member->type != PARAM_END; member++) {
		schema = param_schema(member);
		json_object_set_new(
		    schema, "description", json_string(member->summary));
		json_object_set_new(properties, member->name, schema);
		if (member->required)
			json_array_append_new(
			    required, json_string(member->name));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties",
	    properties, "required", required, "additionalProperties", 0);
}

/* The schema of what daemon/method.c lets pass. Lengths are in bytes there:
   no schema can say that. */
static json_t *
param_schema(const struct param *param)
{
	switch (param->type) {
	case PARAM_TASK:
		return task_param();
	case PARAM_TASKS:
		return json_pack(
		    "{s:s, s:o}", "type", "array", "items", task_param());
	case PARAM_TASK_OR_TASKS:
		return json_pack("{s:[{s:s}, {s:s}, {s:s, s:o}]}", "oneOf",
		    "type", "integer", "type", "string", "type", "array",
		    "items", task_param());
	case PARAM_NAME:
		return json_pack("{s:s, s:i, s:i, s:{s:s}}", "type", "string",
		    "minLength", 1, "maxLength", LIMIT_NAME, "not", "pattern",
		    "^[0-9]+$|[\\u0000-\\u001f\\u007f-\\u009f]");
	case PARAM_ARRAY:
		return json_pack("{s:s}", "type", "array");
	case PARAM_OBJECT:
		return object_schema(param->members);
	case PARAM_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case PARAM_SECONDS:
		return json_pack("{s:s, s:i, s:f}", "type", "number", "minimum",
		    0, "maximum", LIMIT_SECONDS);
	case PARAM_HERTZ:
		return json_pack("{s:s, s:f, s:f}", "type", "number", "minimum",
		    LIMIT_HERTZ_LEAST, "maximum", LIMIT_HERTZ);
	case PARAM_INTEGER:
		return json_pack("{s:s, s:I, s:I}", "type", "integer",
		    "minimum", param->min, "maximum", param->max);
	case PARAM_CHOICE:
		return choices(param->choices);
	case PARAM_CHOICES:
		return json_pack("{s:s, s:o}", "type", "array", "items",
		    choices(param->choices));
	case PARAM_BYTES:
		return bytes_schema("^[^\\u0000]*$");
	case PARAM_DATA:
		return bytes_schema("");
	case PARAM_SIGNAL:
		return signal_schema();
	case PARAM_ANY:
		return json_object();
	default:
		return string_schema(param->max);
	}
}

static json_t *
params_json(const struct param *param)
{
	json_t *params = json_array();

	for (; param->type != PARAM_END; param++)
		json_array_append_new(params,
		    json_pack("{s:s, s:s, s:b, s:o}", "name", param->name,
			"summary", param->summary, "required", param->required,
			"schema", param_schema(param)));
	return params;
}

static json_t *
method_json(const struct method *method)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:o}}", "name",
	    method->name, "summary", method->summary, "paramStructure",
	    "by-name", "params", params_json(method->params), "result", "name",
	    "result", "schema", parse(method->result));
}

static json_t *
errors_json(void)
{
	json_t *errors = json_object();
	enum error_code code;

	for (code = ERROR_JOIN; code <= ERROR_DEADLOCK; code++)
		json_object_set_new(errors, error_type(code),
		    json_pack("{s:i, s:s}", "code", (int)code, "message",
			error_type(code)));
	return errors;
}

static char *
document_text(void)
{
	json_t *list = json_array(), *document;
	char *text;
	size_t i;

	for (i = 0; i < methods_count; i++)
		json_array_append_new(list, method_json(methods[i]));
	document = json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:{s:o, s:o}, s:o}}",
	    "openrpc", "1.3.2", "info", "title", "taskletd", "version",
	    PACKAGE_VERSION, "methods", list, "components", "schemas", "Task",
	    parse(task_schema), "Page", parse(page_schema), "errors",
	    errors_json());
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	return text;
}

/* It never changes, and takes as long to make as thousands of pings: who asks
   again and again must not keep the others waiting. */
static enum method_status
discover_handler(struct call *call)
{
	static char *document;

	if (document == NULL)
		document = document_text();
	call->result = xstrdup(document);
	return METHOD_DONE;
}

static const struct param no_params[] = {{.type = PARAM_END}};

const struct method method_discover = {
    .name = "rpc.discover",
    .summary = "Gives the OpenRPC document of all methods.",
    .params = no_params,
    .result = METHOD_OBJECT,
    .handler = discover_handler,
};
