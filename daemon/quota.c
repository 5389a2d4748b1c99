/* How much of something each user has. */
#include "config.h"

#include "daemon/quota.h"

#include <stdlib.h>

#include "proto/hash.h"
#include "proto/xalloc.h"

struct quota_user {
	UT_hash_handle hh;
	uid_t uid;
	size_t count;
};

static struct quota_user *
find(const struct quota *quota, uid_t uid)
{
	struct quota_user *user;

	HASH_FIND(hh, quota->users, &uid, sizeof uid, user);
	return user;
}

int
quota_take(struct quota *quota, uid_t uid, size_t most)
{
	struct quota_user *user = find(quota, uid);

	if ((user == NULL ? 0 : user->count) >= most)
		return -1;
	if (user == NULL) {
		user = xcalloc(1, sizeof *user);
		user->uid = uid;
		HASH_ADD(hh, quota->users, uid, sizeof uid, user);
	}
	user->count++;
	return 0;
}

void
quota_give_back(struct quota *quota, uid_t uid)
{
	struct quota_user *user = find(quota, uid);

	if (--user->count > 0)
		return;
	HASH_DEL(quota->users, user);
	free(user);
}
