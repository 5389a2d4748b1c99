/* What asks a command to end, which it does in its own good order. */
#ifndef CLIENT_INTERRUPT_H
#define CLIENT_INTERRUPT_H

#include <signal.h>

/*
 * From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT, but for those that are
 * ignored, are noted and do nothing else. They come only while something waits
 * with `mask`, which this sets.
 */
void interrupt_catch(sigset_t *mask);

/* The last one that came, or 0. */
int interrupt_number(void);

/* Has that one end the process, as it does by default; none does not. */
void interrupt_pass(void);

/* From now on they end the process at once, with status 0: also where it waits
   for who reads its output. */
void interrupt_exit(void);

#endif
