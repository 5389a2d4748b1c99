/* Where the daemon listens: a socket of its own, or one that the service
   manager hands over. */
#ifndef DAEMON_PLACE_H
#define DAEMON_PLACE_H

struct place {
	char *path; /* to be freed */
	int fd;	    /* listening, handed over; -1: none is */
};

/*
 * `option` is the path that was asked for, or NULL. The folder of a default
 * one is made where it is missing. Returns -1 after logging why there is no
 * place to listen; path is then NULL.
 */
int place_find(struct place *place, const char *option);

#endif
