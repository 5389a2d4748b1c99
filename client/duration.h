/* Durations, as people write and read them. */
#ifndef CLIENT_DURATION_H
#define CLIENT_DURATION_H

#include <stddef.h>
#include <time.h>

/*
 * Reads "1.5", "500ms", "10s", "5m", "2h" or "1d". Returns 0, or -1 with errno
 * set: EINVAL where it is no duration, ERANGE where it is over LIMIT_SECONDS.
 */
int duration_parse(const char *text, double *seconds);

/* What DURATION_SIZE bytes hold. */
#define DURATION_SIZE 32

/* Writes "0.3s", "42s", "5m 3s", "2h 5m" or "3d 4h"; below zero is zero. */
void duration_format(char text[DURATION_SIZE], double seconds);

/* Seconds from 0 to LIMIT_SECONDS. */
struct timespec duration_timespec(double seconds);

#endif
