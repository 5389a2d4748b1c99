/* The input of a command: what requests write to it goes into its pipe. */
#ifndef DAEMON_INPUT_H
#define DAEMON_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

struct address;
struct caller;
struct event_base;
struct input;
struct waiters;

/* Bytes that wait to be taken, of one task: data, and what each write adds. */
#define INPUT_MOST (1024U * 1024U)

/* Without a pipe yet: what is written waits. */
struct input *input_new(struct event_base *base, struct waiters *waiters);

/* Closes the pipe. Whatever still waits is refused: nobody reads it any more.
   NULL is allowed. */
void input_delete(struct input *input);

/* From now on it is taken by the other end of this non-blocking pipe, which
   is taken over. */
void input_open(struct input *input, int fd);

/*
 * Queues the data, taken over, and after it, if `eof`, the end of the input.
 * The request is answered when all of it was taken. Returns -1, with a new
 * error in *error, which was NULL, where it has ended, or holds too much.
 */
int input_write(struct input *input, struct caller *caller,
    struct address *address, char *data, size_t length, bool eof,
    json_t **error);

#endif
