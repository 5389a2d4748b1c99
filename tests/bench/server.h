/* Private servers: started in a folder of their own, ended by pid. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <stddef.h>
#include <sys/types.h>

struct dialect;

struct server {
	pid_t pid;
	const struct dialect *dialect;
	char socket[108];
};

/* What /proc says of a process. */
struct usage {
	double rss;	    /* resident bytes */
	double rss_anon;    /* of these, its own memory */
	double wakeups;	    /* voluntary context switches, all threads */
	double preemptions; /* involuntary ones */
	double cpu;	    /* seconds in user and system */
};

/* Makes the folder; it and all servers go when the process ends. */
void server_set_up(void);

/* For what else is made for a while: files. */
const char *server_folder(void);

/*
 * Starts `program --socket PATH` and waits until it answers a ping. Returns
 * the seconds from before the fork to that. Does not return if it fails.
 */
double server_start(struct server *server, const char *program);

/* The same of one that speaks another dialect than JSON-RPC. */
double server_start_as(
    struct server *server, const char *program, const struct dialect *dialect);

/* SIGTERM, and SIGKILL after 10 s. Returns the seconds it took. */
double server_stop(struct server *server);

void server_read_usage(const struct server *server, struct usage *usage);

#endif
