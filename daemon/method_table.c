/* The methods of the wire, in the order of their names. */
#include "config.h"

#include "daemon/method_table.h"

const struct method *const methods[] = {
    &method_attach,
    &method_call,
    &method_cancel,
    &method_children,
    &method_current,
    &method_finish,
    &method_forget,
    &method_functions,
    &method_host,
    &method_interval,
    &method_join,
    &method_later,
    &method_list,
    &method_loop,
    &method_output,
    &method_parent,
    &method_pause,
    &method_ping,
    &method_pool,
    &method_provide,
    &method_rate,
    &method_receive,
    &method_reload,
    &method_reply,
    &method_rerun,
    &method_resume,
    &method_discover,
    &method_send,
    &method_show,
    &method_shutdown,
    &method_sleep,
    &method_spawn,
    &method_stats,
    &method_subscribe,
    &method_tree,
    &method_unsubscribe,
    &method_version,
    &method_write,
};

const size_t methods_count = sizeof methods / sizeof *methods;
