/* The system's journal, written to in its own protocol. */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

/* Whether stderr is the journal, so that journal_send may take its place. */
bool journal_open(void);

/*
 * One line, of a priority of syslog(3), and where `name` is not NULL about
 * that task. Neither text may hold a control character. Returns false where
 * the journal cannot take it at once.
 */
bool journal_send(
    int priority, uint64_t task, const char *name, const char *text);

#endif
