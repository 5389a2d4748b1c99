/* The log: lines to stderr, each with its level and subsystem. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Up to `level` is logged; the default is LOG_INFO. */
void log_set_level(enum log_level level);

/* The level of that name, or -1. */
int log_level_find(const char *name);

/* Debug lines of this subsystem are logged whatever the level. The token
   must outlive the log. */
void log_add_debug(const char *token);

/*
 * One line, dropped where stderr cannot take it at once. `token` names the
 * subsystem ("conn"). Control characters become '?'; a name is better given
 * as JSON (daemon/quote).
 */
void log_line(enum log_level level, const char *token, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
