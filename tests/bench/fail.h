/* The end of a benchmark that cannot go on. */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

/* Say why, on stderr, and exit with 2. */
void fail(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));
void fail_errno(const char *what) __attribute__((noreturn));

#endif
