/* The least a server of libevent and jansson can do: a line is read, parsed
   and answered. What `bench` compares taskletd with. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <jansson.h>

/* Requests and replies of the benchmark are far shorter. */
#define MAX_REPLY 1024

/* The flags that the protocol demands. */
#define PARSE_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)

static json_int_t last_id = 1;

/* What the method gives: the answers of taskletd, in shape and size. */
static json_t *
result_of(const char *method)
{
	json_t *result;

	if (strcmp(method, "ping") == 0)
		return json_string("pong");
	if (strcmp(method, "spawn") != 0)
		return NULL;
	result = json_object();
	json_object_set_new(result, "id", json_integer(++last_id));
	json_object_set_new(result, "name", json_string("sleep"));
	return result;
}

/* Borrows the request. */
static json_t *
reply_to(json_t *request)
{
	const char *method =
	    json_string_value(json_object_get(request, "method"));
	json_t *id = json_object_get(request, "id");
	json_t *result = method == NULL ? NULL : result_of(method);
	json_t *reply = json_object();

	json_object_set_new(reply, "jsonrpc", json_string("2.0"));
	if (id != NULL)
		json_object_set(reply, "id", id);
	else
		json_object_set_new(reply, "id", json_null());
	if (result != NULL)
		json_object_set_new(reply, "result", result);
	else
		json_object_set_new(reply, "error", json_string("no"));
	return reply;
}

static void
answer(struct evbuffer *out, const char *line, size_t length)
{
	char text[MAX_REPLY];
	json_t *request = json_loadb(line, length, PARSE_FLAGS, NULL);
	json_t *reply = reply_to(request);
	size_t size = json_dumpb(reply, text, sizeof text - 1, JSON_COMPACT);

	if (size < sizeof text) {
		text[size] = '\n';
		evbuffer_add(out, text, size + 1);
	}
	json_decref(reply);
	json_decref(request);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct evbuffer *out = bufferevent_get_output(bev);
	size_t length;
	char *line;

	(void)arg;
	while ((line = evbuffer_readln(in, &length, EVBUFFER_EOL_LF)) != NULL) {
		answer(out, line, length);
		free(line);
	}
}

static void
event_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)arg;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		bufferevent_free(bev);
}

static void
accept_cb(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int length, void *arg)
{
	struct bufferevent *bev = bufferevent_socket_new(
	    evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);

	(void)address;
	(void)length;
	(void)arg;
	bufferevent_setcb(bev, read_cb, NULL, event_cb, NULL);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

int
main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct event_base *base = event_base_new();
	struct evconnlistener *listener;

	if (argc != 3 || strcmp(argv[1], "--socket") != 0 ||
	    strlen(argv[2]) >= sizeof address.sun_path) {
		fprintf(stderr, "usage: baseline --socket PATH\n");
		return 2;
	}
	strcpy(address.sun_path, argv[2]);
	listener = evconnlistener_new_bind(base, accept_cb, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1,
	    (struct sockaddr *)&address, sizeof address);
	if (listener == NULL) {
		perror(argv[2]);
		return 1;
	}
	event_base_dispatch(base);
	evconnlistener_free(listener);
	event_base_free(base);
	return 0;
}
