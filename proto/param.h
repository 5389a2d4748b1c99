/* What params may be: their types and ranges, and the errors about them. */
#ifndef PROTO_PARAM_H
#define PROTO_PARAM_H

#include <stdbool.h>
#include <jansson.h>

/* The most that a method has. */
#define PARAMS_MOST 24

enum param_type {
	PARAM_END,   /* ends a list of params */
	PARAM_TASK,  /* an id, or a name */
	PARAM_TASKS, /* an array of those */
	PARAM_TASK_OR_TASKS,
	PARAM_STRING, /* of at most max bytes, where that is not 0 */
	PARAM_NAME,   /* a string that a task may be called by */
	PARAM_ARRAY,
	PARAM_OBJECT, /* of members, where those are given */
	PARAM_BOOL,
	PARAM_SECONDS, /* a number from 0 to LIMIT_SECONDS */
	PARAM_HERTZ,   /* a number from LIMIT_HERTZ_LEAST to LIMIT_HERTZ */
	PARAM_INTEGER, /* from min to max */
	PARAM_CHOICE,  /* one of choices */
	PARAM_CHOICES, /* an array of these */
	PARAM_BYTES,   /* a string without U+0000, or {"base64":S} */
	PARAM_DATA,    /* a string, or {"base64":S} */
	PARAM_SIGNAL,  /* the name or the number of a signal */
	PARAM_ANY,     /* checked by who takes it */
};

struct param {
	const char *name;
	enum param_type type;
	bool required;
	json_int_t min, max;
	const char *const *choices;  /* ended by NULL */
	const struct param *members; /* ended by PARAM_END */
	const char *summary;
};

/* Whether the value may be that param's. */
bool param_fits(const struct param *param, const json_t *value);

/* A new ERROR_INVALID_PARAMS that says what "prefix" and the param's name
   must be, and what came. */
json_t *param_unfit(
    const struct param *param, const char *prefix, const json_t *value);

/*
 * Reads an object by the list of its members: puts each, borrowed, in `values`
 * by its index, NULL where it is absent. Returns NULL, or a new
 * ERROR_INVALID_PARAMS that names "prefix" and the member that is missing,
 * unknown or unfit, or that it is an array; `of` is what the object is of.
 */
json_t *param_read(const struct param *params, const char *of,
    const char *prefix, const json_t *object, json_t **values);

/* A string without U+0000. */
bool param_is_plain_string(const json_t *value);

#endif
