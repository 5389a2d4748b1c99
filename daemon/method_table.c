/* The methods of the wire, in the order of their names. */
#include "config.h"

#include "daemon/method_table.h"

const struct method *const methods[] = {
    &method_cancel,
    &method_children,
    &method_current,
    &method_functions,
    &method_join,
    &method_list,
    &method_output,
    &method_parent,
    &method_ping,
    &method_show,
    &method_shutdown,
    &method_sleep,
    &method_spawn,
    &method_stats,
    &method_tree,
    &method_version,
    NULL,
};
