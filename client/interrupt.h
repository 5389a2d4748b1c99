/* What asks a command to end, which it does in its own good order. */
#ifndef CLIENT_INTERRUPT_H
#define CLIENT_INTERRUPT_H

#include <poll.h>
#include <signal.h>

/*
 * ppoll(2), but a signal that is pending, and not in `mask`, comes first:
 * ppoll(2) lets none in where a descriptor is ready at once, and some always
 * are. A `mask` of NULL changes nothing.
 */
int interrupt_poll(struct pollfd *pollers, nfds_t count,
    const struct timespec *most, const sigset_t *mask);

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
