/* Long lists of tasks, page by page: memory holds one page. */
#ifndef CLIENT_PAGES_H
#define CLIENT_PAGES_H

#include <stdbool.h>
#include <jansson.h>

struct call;

struct pages {
	struct call *call;
	const char *method;
	json_t *params;	    /* with the cursor, once there is one */
	const json_t *page; /* the last result; NULL before the first */
};

/* `tree` and `list` have pages. Steals params, an object. */
void pages_create(
    struct pages *pages, struct call *call, const char *method, json_t *params);
void pages_destroy(struct pages *pages);

/*
 * The rows of the next page, borrowed until the next call, or NULL at the
 * end. Ends the process as call_method does.
 */
const json_t *pages_next(struct pages *pages);

/* Whether none comes after the page that pages_next gave. */
bool pages_is_last(const struct pages *pages);

#endif
