/* A line of progress on stderr, a terminal. */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

/* Draws the line anew, cut to the terminal's width. It is ASCII. */
void progress_draw(const char *text);

/* Takes it away; what is reported does so first. */
void progress_clear(void);

#endif
