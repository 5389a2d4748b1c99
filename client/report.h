/* What goes to stderr, and the exit statuses. */
#ifndef CLIENT_REPORT_H
#define CLIENT_REPORT_H

#include <stdbool.h>
#include <jansson.h>

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* the task did not end done, and all else */
	STATUS_USAGE = 2,
	STATUS_NOT_FOUND = 3, /* no such task, or an ambiguous name */
	STATUS_DENIED = 4,
	STATUS_UNREACHABLE = 5,

	/* As timeout(1) has them. */
	STATUS_TIMEOUT = 124,
	STATUS_OWN = 125, /* any failure of who runs a command */
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NO_COMMAND = 127,
};

/* From now on every error has this status. */
void report_set_status(enum status status);

/* Whether each report is a line of JSON from now on. */
void report_set_json(bool json);

/* The command whose --help a usage error hints at; NULL for none. */
void report_set_command(const char *name);

/* What is called before each report, to make room for it on the terminal. */
void report_set_before(void (*function)(void));

/* Tells what the user should know, and goes on. */
void report_notice(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Reports an error object (borrowed) of the daemon; returns its status, which
   for a command that failed is the command's. */
int report_error(const json_t *error);

/*
 * These end the process. The type is the error's stable name in JSON; what is
 * formatted may be any bytes.
 */
_Noreturn void report_fail(enum status status, const char *type,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
_Noreturn void report_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Ends it too, and needs no memory to say that there is none. What stdout has
   is lost: it might look whole. */
void report_no_memory(void);

/* Flushes stdout; where that or an earlier write failed, ends the process. */
void report_check_stdout(void);

#endif
