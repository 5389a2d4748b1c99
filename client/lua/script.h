/* The script: its chunks, as the first tasklet. */
#ifndef CLIENT_LUA_SCRIPT_H
#define CLIENT_LUA_SCRIPT_H

struct script {
	const char *code; /* of -e; NULL for none */
	const char *file; /* "-" for stdin; NULL for none */
	int argc;
	char **argv; /* all words of the command line */
	int first;   /* the first argument in it, after the file */
};

/* Compiles it and makes its tasklet; where that fails, the process ends. */
void script_start(const struct script *script);

/* Has the daemon cancel it. */
void script_cancel(void);

/* The exit status, when it has ended. */
int script_status(void);

#endif
