/* Functions that programs provide, and the names of what else they host. */
#include "config.h"

#include "daemon/host_impl.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/caller.h"
#include "proto/error.h"
#include "proto/xalloc.h"

static const struct function_arg any_args[] = {
    {.name = "values", .type = TYPE_ANY, .repeat = true},
    {.type = TYPE_END},
};

/* --- by name ------------------------------------------------------------ */

static struct foreign *
find(const struct hosts *hosts, const char *name)
{
	struct foreign *foreign;

	HASH_FIND_STR(hosts->functions, name, foreign);
	return foreign;
}

/* It is as its newest offer says. */
static void
describe(struct foreign *foreign)
{
	const struct offer *newest = TAILQ_LAST(&foreign->offers, offer_list);
	bool is_offered = newest != NULL;

	foreign->function.summary =
	    is_offered ? newest->provided.summary : "Not provided now.";
	foreign->function.args = is_offered && newest->provided.args != NULL ?
				     newest->provided.args :
				     any_args;
}

struct foreign *
foreign_get(struct hosts *hosts, const char *name)
{
	struct foreign *foreign = find(hosts, name);
	size_t size = strlen(name) + 1;

	if (foreign != NULL)
		return foreign;
	foreign = xcalloc(1, sizeof *foreign + size);
	memcpy(foreign->name, name, size);
	foreign->function = host_function;
	foreign->function.name = foreign->name;
	foreign->hosts = hosts;
	TAILQ_INIT(&foreign->offers);
	describe(foreign);
	HASH_ADD_STR(hosts->functions, name, foreign);
	return foreign;
}

void
foreign_drop(struct foreign *foreign)
{
	if (foreign->tasks > 0 || !TAILQ_EMPTY(&foreign->offers))
		return;
	HASH_DEL(foreign->hosts->functions, foreign);
	free(foreign);
}

/* --- offers ------------------------------------------------------------- */

struct host *
foreign_take_turn(struct foreign *foreign)
{
	struct offer *offer = foreign->next;

	if (offer == NULL)
		offer = TAILQ_FIRST(&foreign->offers);
	if (offer == NULL)
		return NULL;
	foreign->next = TAILQ_NEXT(offer, of_function);
	return offer->host;
}

void
provided_destroy(struct provided *provided)
{
	struct function_arg *arg = provided->args;

	for (; arg != NULL && arg->type != TYPE_END; arg++)
		free((char *)arg->name);
	free(provided->args);
	free(provided->name);
	free(provided->summary);
}

static void
offer(struct host *host, struct provided *provided)
{
	struct offer *offer = xcalloc(1, sizeof *offer);

	offer->host = host;
	offer->provided = *provided;
	offer->foreign = foreign_get(host->hosts, provided->name);
	TAILQ_INSERT_TAIL(&host->offers, offer, of_host);
	TAILQ_INSERT_TAIL(&offer->foreign->offers, offer, of_function);
	describe(offer->foreign);
}

static void
withdraw(struct offer *offer)
{
	struct foreign *foreign = offer->foreign;

	if (foreign->next == offer)
		foreign->next = TAILQ_NEXT(offer, of_function);
	TAILQ_REMOVE(&foreign->offers, offer, of_function);
	describe(foreign);
	foreign_drop(foreign);
	provided_destroy(&offer->provided);
	free(offer);
}

void
offers_withdraw(struct offer_list *offers)
{
	struct offer *offer;

	while ((offer = TAILQ_FIRST(offers)) != NULL) {
		TAILQ_REMOVE(offers, offer, of_host);
		withdraw(offer);
	}
}

/* What others spawn by a name is not to be had by taking turns. */
static json_t *
check_owner(const struct hosts *hosts, const char *name, uid_t uid)
{
	const struct foreign *foreign = find(hosts, name);
	const struct offer *offer =
	    foreign == NULL ? NULL : TAILQ_FIRST(&foreign->offers);

	if (offer == NULL || offer->host->caller->uid == uid)
		return NULL;
	return error_new(ERROR_ALREADY_EXISTS,
	    "another user, uid %lu, provides a function \"%s\": give yours "
	    "another name",
	    (unsigned long)offer->host->caller->uid, name);
}

json_t *
host_provide(struct hosts *hosts, struct caller *caller,
    struct provided *provided, size_t count)
{
	struct offer_list old = TAILQ_HEAD_INITIALIZER(old);
	struct host *host = host_of(hosts, caller);
	json_t *error = NULL;
	size_t i;

	for (i = 0; i < count && error == NULL; i++)
		error = check_owner(hosts, provided[i].name, caller->uid);
	if (error != NULL) {
		for (i = 0; i < count; i++)
			provided_destroy(&provided[i]);
		return error;
	}
	TAILQ_CONCAT(&old, &host->offers, of_host);
	for (i = 0; i < count; i++)
		offer(host, &provided[i]);
	offers_withdraw(&old);
	return NULL;
}

/* --- for those who spawn ------------------------------------------------ */

const struct function *
hosts_find_function(const struct hosts *hosts, const char *name)
{
	const struct foreign *foreign = find(hosts, name);

	if (foreign == NULL || TAILQ_EMPTY(&foreign->offers))
		return NULL;
	return &foreign->function;
}

static json_t *
list_hosts(const struct foreign *foreign)
{
	const struct offer *offer;
	json_t *ids = json_array();

	TAILQ_FOREACH (offer, &foreign->offers, of_function)
		json_array_append_new(
		    ids, json_integer((json_int_t)offer->host->caller->task));
	return ids;
}

void
hosts_list_functions(const struct hosts *hosts, json_t *list)
{
	const struct foreign *foreign;
	json_t *function;

	for (foreign = hosts->functions; foreign != NULL;
	     foreign = foreign->hh.next) {
		if (TAILQ_EMPTY(&foreign->offers))
			continue;
		function = function_describe(&foreign->function);
		json_object_set_new(function, "hosts", list_hosts(foreign));
		json_array_append_new(list, function);
	}
}
