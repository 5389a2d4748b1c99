/* Hash tables (uthash), which end the process as xalloc does when memory is
   out. */
#ifndef PROTO_HASH_H
#define PROTO_HASH_H

#include "proto/xalloc.h"

#define uthash_malloc(size) xmalloc(size)

#include <uthash.h>

#endif
