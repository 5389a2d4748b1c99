/* Long lists of tasks, page by page: memory holds one page. */
#include "config.h"

#include "client/pages.h"

#include "client/call.h"

void
pages_create(
    struct pages *pages, struct call *call, const char *method, json_t *params)
{
	pages->call = call;
	pages->method = method;
	pages->params = params;
	pages->page = NULL;
}

void
pages_destroy(struct pages *pages)
{
	json_decref(pages->params);
}

const json_t *
pages_next(struct pages *pages)
{
	json_t *rows;

	if (pages->page != NULL) {
		if (pages_is_last(pages))
			return NULL;
		json_object_set(pages->params, "after",
		    json_object_get(pages->page, "next"));
	}
	pages->page =
	    call_method(pages->call, pages->method, json_incref(pages->params));
	rows = json_object_get(pages->page, "tasks");
	if (!json_is_array(rows) ||
	    json_object_get(pages->page, "next") == NULL)
		call_refuse_result(pages->call);
	return rows;
}

bool
pages_is_last(const struct pages *pages)
{
	return json_is_null(json_object_get(pages->page, "next"));
}
