/* Each method, as its own file defines it. */
#ifndef DAEMON_METHOD_TABLE_H
#define DAEMON_METHOD_TABLE_H

#include "daemon/method.h"

/* method_command.c */
extern const struct method method_attach, method_write;
/* method_cancel.c */
extern const struct method method_cancel;
/* method_daemon.c */
extern const struct method method_functions, method_ping, method_reload,
    method_shutdown, method_stats, method_version;
/* method_discover.c */
extern const struct method method_discover;
/* method_event.c */
extern const struct method method_subscribe, method_unsubscribe;
/* method_host.c */
extern const struct method method_finish, method_host, method_provide;
/* method_join.c */
extern const struct method method_join, method_sleep;
/* method_message.c */
extern const struct method method_call, method_receive, method_reply,
    method_send;
/* method_page.c */
extern const struct method method_list, method_tree;
/* method_pause.c */
extern const struct method method_forget, method_pause, method_resume;
/* method_pool.c */
extern const struct method method_pool;
/* method_show.c */
extern const struct method method_children, method_current, method_output,
    method_parent, method_show;
/* method_spawn.c */
extern const struct method method_interval, method_later, method_loop,
    method_rate, method_rerun, method_spawn;

#endif
