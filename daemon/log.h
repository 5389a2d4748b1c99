/* The log: lines to stderr or the journal, each with its level and subsystem.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Where stderr is the journal, lines go there with their priority and what
   task they are about. Before that, all are plain text on stderr. */
void log_open(void);

/* Up to `level` is logged; the default is LOG_INFO. */
void log_set_level(enum log_level level);

/* The level of that name, or -1. */
int log_level_find(const char *name);

/* Debug lines of this subsystem are logged whatever the level. The token
   must outlive the log. */
void log_add_debug(const char *token);

/*
 * One line, dropped where it cannot be taken at once, and cut at about 4 KiB.
 * `token` names the subsystem ("conn"). Control characters become '?'; a name
 * is better given as JSON (daemon/quote).
 */
void log_line(enum log_level level, const char *token, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same about a task: the journal is given its id and name as fields
   TASK_ID and TASK_NAME. The line itself says which it is, too. */
void log_task(enum log_level level, const char *token, uint64_t task,
    const char *name, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
