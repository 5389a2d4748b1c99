/* The whole terminal, drawn over and over, and given back as it was. */
#ifndef CLIENT_SCREEN_H
#define CLIENT_SCREEN_H

#include <signal.h>
#include <stddef.h>

/*
 * Takes the terminal on stdout. Whatever ends the process gives it back:
 * a report (which it clears the way for), exit and the usual signals; while
 * the process is stopped it is given back too. `mask` is set to what to wait
 * with, so that another size of the terminal ends the wait.
 */
void screen_open(sigset_t *mask);

/* Draws lines, which are to fit, over what is there, in one write. */
void screen_draw(const char *text, size_t length);

#endif
