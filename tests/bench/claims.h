/* The claims. Each starts its own servers, measures, reports, stops them. */
#ifndef BENCH_CLAIMS_H
#define BENCH_CLAIMS_H

struct programs;

/* Requests per second, against the baseline, and against Redis. */
void claim_spawn(const struct programs *programs);
void claim_ping(const struct programs *programs);
void claim_redis(const struct programs *programs);

/* 1,000,000 sleeping tasks: their memory, and what they slow down. */
void claim_million(const struct programs *programs);

/* The memory of as many with names of their own. */
void claim_names(const struct programs *programs);

/* 1,000,000 tasks that wake within 10 s. */
void claim_timers(const struct programs *programs);

/* 100,000 tasks ready at once. */
void claim_ready(const struct programs *programs);

/* 100,000 tasks that wait in one pool, or for one task. */
void claim_pool(const struct programs *programs);
void claim_after(const struct programs *programs);

/* 100,000 tasks that run each second. */
void claim_interval(const struct programs *programs);

/* Tasks that a program hosts. */
void claim_host(const struct programs *programs);

/* An idle daemon. */
void claim_idle(const struct programs *programs);
void claim_start(const struct programs *programs);

/* Tasklets of tasklet-lua. */
void claim_lua(const struct programs *programs);

/* Messages to tasklets, over the socket. */
void claim_message(const struct programs *programs);

/* Commands. */
void claim_exec(const struct programs *programs);

#endif
