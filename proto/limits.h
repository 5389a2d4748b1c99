/* The protocol's name and fixed bounds, for both ends. */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

#define PROTOCOL_VERSION 1

/* One message: bytes before the LF. */
#define LIMIT_MESSAGE (1024U * 1024U)

/* One reply, in bytes. */
#define LIMIT_REPLY (64U * 1024U * 1024U)

/* Arrays and objects inside each other, the outermost counted. */
#define LIMIT_NESTING 512

/* A task's name, in bytes of UTF-8. */
#define LIMIT_NAME 255

/* The longest duration, in seconds: about 31 years. */
#define LIMIT_SECONDS 1e9

/* Rows of one page of `tree` and `list`: by default, and at most. */
#define LIMIT_PAGE_DEFAULT 1000
#define LIMIT_PAGE	   10000

/* Tasks that `children` returns, and ids that `cancel` returns. */
#define LIMIT_CHILDREN 1000
#define LIMIT_IDS      65536

/* Requests of one client that wait at once, by default. */
#define LIMIT_WAITING 65536

/* Runs a second. */
#define LIMIT_HERTZ_LEAST 1e-9
#define LIMIT_HERTZ	  1e6

/* The reason of a cancel, in bytes: each task that it ends keeps it. */
#define LIMIT_REASON 1024

/* The summary of a function that a program provides, in bytes. */
#define LIMIT_SUMMARY 1024

/* Pools there are at once, slots of one, and ids of its tasks that are shown.
 */
#define LIMIT_POOLS	1000
#define LIMIT_POOL_SIZE 1000000
#define LIMIT_POOL_IDS	1000

/* Tasks, of all who come after some, that have not ended. */
#define LIMIT_AFTER 1000000

/* A file of tasks at start: one larger than that is not read. */
#define LIMIT_FILE (16U * 1024 * 1024)

/* Ids that an error lists. */
#define LIMIT_ERROR_IDS 10

#endif
