/* How much of something each user has. */
#ifndef DAEMON_QUOTA_H
#define DAEMON_QUOTA_H

#include <stddef.h>
#include <sys/types.h>

struct quota_user;

/* Zeroed it is empty; it owns nothing when all was given back. */
struct quota {
	struct quota_user *users;
};

/* One more for that user. Returns -1, and nothing is taken, where it has
   `most` of them. */
int quota_take(struct quota *quota, uid_t uid, size_t most);

/* One that was taken. */
void quota_give_back(struct quota *quota, uid_t uid);

#endif
