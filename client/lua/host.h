/* What the daemon tells the host of tasklets. */
#ifndef CLIENT_LUA_HOST_H
#define CLIENT_LUA_HOST_H

struct request;

/* A notification, or a request that is answered. */
void host_handle_cb(const struct request *request);

#endif
