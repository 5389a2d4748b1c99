/* Where the control socket is. */
#include "config.h"

#include "proto/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/xalloc.h"

static const char *
env(const char *name)
{
	const char *value = secure_getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

char *
path_user_socket(void)
{
	const char *runtime;

	if (geteuid() == 0)
		return xstrdup(PATH_SYSTEM_SOCKET);
	if ((runtime = env("XDG_RUNTIME_DIR")) != NULL)
		return xasprintf("%s/tasklet/control.sock", runtime);
	return xasprintf(
	    "/tmp/tasklet-%lu/control.sock", (unsigned long)geteuid());
}

char *
path_socket(const char *option, bool *is_default)
{
	*is_default = false;
	if (option != NULL && *option != '\0')
		return xstrdup(option);
	if ((option = env("TASKLET_SOCKET")) != NULL)
		return xstrdup(option);
	*is_default = true;
	return path_user_socket();
}

static char *
folder_of(const char *socket)
{
	char *folder = xstrdup(socket), *slash = strrchr(folder, '/');

	if (slash != NULL)
		*slash = '\0';
	return folder;
}

static mode_t
folder_mode(const char *socket)
{
	return strcmp(socket, PATH_SYSTEM_SOCKET) == 0 ? 0755 : 0700;
}

static int
check(const char *folder, mode_t allowed)
{
	struct stat st;

	if (lstat(folder, &st) == -1)
		return -1;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 0777 & ~allowed) != 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

int
path_check_folder(const char *socket)
{
	char *folder = folder_of(socket);
	int result = check(folder, folder_mode(socket)), saved = errno;

	free(folder);
	errno = saved;
	return result;
}

int
path_make_folder(const char *socket)
{
	char *folder = folder_of(socket);
	int result = 0, saved;

	if (mkdir(folder, folder_mode(socket)) == -1 && errno != EEXIST)
		result = -1;
	else
		result = check(folder, folder_mode(socket));
	saved = errno;
	free(folder);
	errno = saved;
	return result;
}
