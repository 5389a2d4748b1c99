/* The service manager (daemon(7)): the socket that it hands over, and what it
   is told of this daemon. */
#ifndef DAEMON_SD_H
#define DAEMON_SD_H

struct daemon;
struct event_base;
struct sd;

/*
 * The listening socket that the service manager hands over, non-blocking and
 * to be closed, and its path, to be freed. Returns 1; 0 where there is none;
 * -1 after logging why it cannot be used.
 */
int sd_take_socket(int *fd, char **path);

/*
 * Tells the service manager from the loop: in its first turn, that the daemon
 * is ready; where it wants that, that the loop still turns; and how many tasks
 * and clients there are. Borrows both. Returns NULL where there is no service
 * manager; the others then do nothing.
 */
struct sd *sd_new(struct event_base *base, struct daemon *daemon);
void sd_delete(struct sd *sd);

/* Tasks or clients have come or gone: it is told within a second. Cheap. */
void sd_changed(struct sd *sd);

/* The shutdown begins. */
void sd_stopping(struct sd *sd);

#endif
