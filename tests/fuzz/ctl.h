/* tasklet-ctl within this process, alone with the words and bytes it is given.
 */
#ifndef TESTS_FUZZ_CTL_H
#define TESTS_FUZZ_CTL_H

#include <stdbool.h>
#include <stddef.h>

/* Words of an input. */
#define CTL_WORDS 32

struct ctl {
	/* What tasklet-ctl is run with: the words that follow its name; what
	   the daemon says, before it hangs up; and what any file holds that is
	   read, stdin too. */
	size_t count;
	char *words[CTL_WORDS];
	const char *said, *file;
	size_t said_length, file_length;

	/* What came of it. */
	int status;
	char *sent, *out, *err; /* to the daemon, stdout and stderr */
	size_t sent_length, out_length, err_length;
};

/* For LLVMFuzzerInitialize. */
void ctl_prepare(void);

/* Takes an input: words, one a line, to an empty line; what is behind that is
   said, and in the file. It borrows the data. */
void ctl_create(struct ctl *ctl, const char *data, size_t size);
void ctl_destroy(struct ctl *ctl);

/* Runs tasklet-ctl; its stdout is a dumb terminal. TASKLET_ID=...,
   TASKLET_INSTANCE=... and KEYS=..., those that are pressed in top, are put
   into its environment where they come first. */
void ctl_run(struct ctl *ctl);

/* Runs the function likewise, with no daemon. It may end the process by exit:
   the status is then that, else 0. */
void ctl_run_function(struct ctl *ctl, void (*function)(void *arg), void *arg);

/* Checks what holds for any run: what it printed is fit for a terminal. And of
   ctl_run: with --json as the first word, that it is JSON; that what it sent
   are requests. */
void ctl_check_text(const struct ctl *ctl);
void ctl_check(const struct ctl *ctl);

/* Whether it was ended for wrong usage, which it told. */
bool ctl_is_refused(const struct ctl *ctl);

/* Whether one of the words is that one. */
bool ctl_has_word(const struct ctl *ctl, const char *word);

#endif
