/* Words of the command line as JSON; what is wrong ends as a usage error. */
#ifndef CLIENT_ARGUMENT_H
#define CLIENT_ARGUMENT_H

#include <stdbool.h>
#include <jansson.h>

/* `what` is the option or operand, for the message. All return new values. */
json_t *argument_string(const char *what, const char *text);
json_t *argument_seconds(const char *what, const char *text);
json_t *argument_count(const char *what, const char *text);
json_t *argument_number(const char *what, const char *text);

json_t *argument_integer(const char *what, const char *text);
json_t *argument_octal(const char *what, const char *text);

/* Exit statuses, with commas between: an array. */
json_t *argument_statuses(const char *what, const char *text);

/* A signal's name, which the daemon knows, or number. */
json_t *argument_signal(const char *what, const char *text);

/* A task: digits alone are an id, anything else is a name. */
json_t *argument_task(const char *text);

/* Whether the daemon would take it as a task's name. */
bool argument_is_name(const char *text);

/*
 * An argument of a function: a JSON number, true, false, null, array or object
 * is that, all else (also 007, 1e999 and "x" with its quotes) a string.
 */
json_t *argument_value(const char *text);

/* The params of a method. */
json_t *argument_params(const char *text);

#endif
