/* The functions that need nothing but the loop. */
#ifndef DAEMON_FN_BASIC_H
#define DAEMON_FN_BASIC_H

#include "daemon/function.h"

extern const struct function fn_echo;  /* any...: its arguments, an array */
extern const struct function fn_fail;  /* message: fails with it */
extern const struct function fn_print; /* any...: a line of output; null */
extern const struct function fn_sleep; /* seconds: null, after that long */
extern const struct function fn_sum;   /* number...: their sum */

/* The function of the root task: the daemon itself. */
extern const struct function fn_root;

#endif
