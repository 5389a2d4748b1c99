/* Tasks at start: requests in files, done by the daemon itself. */
#include "config.h"

#include "daemon/boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/caller.h"
#include "daemon/log.h"
#include "daemon/method.h"
#include "daemon/task.h"
#include "proto/error.h"
#include "proto/hash.h"
#include "proto/limits.h"
#include "proto/path.h"
#include "proto/request.h"
#include "proto/starters.h"
#include "proto/xalloc.h"

/* A file as it was when it was read. */
struct seen {
	UT_hash_handle hh;
	struct timespec changed;
	ino_t number;
	off_t size;
	char name[];
};

struct boot {
	struct daemon *daemon;
	struct caller caller;
	char *folder;	   /* NULL: none */
	bool is_default;   /* it may be missing */
	struct seen *seen; /* by name */
	json_t *errors;	   /* of this reading */
	size_t done;	   /* likewise */
};

static const char suffix[] = ".jsonl";

/* The daemon waits for nothing. */
static void
ignore_wake(struct caller *caller)
{
	(void)caller;
}

static char *
users_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config != NULL && *config == '/')
		return xasprintf("%s/tasklet/tasks.d", config);
	if (home != NULL && *home == '/')
		return xasprintf("%s/.config/tasklet/tasks.d", home);
	return NULL;
}

static char *
default_folder(const char *socket)
{
	char *users = path_user_socket(), *folder = NULL;

	if (strcmp(socket, PATH_SYSTEM_SOCKET) == 0)
		folder = xstrdup(SYSCONFDIR "/tasklet/tasks.d");
	else if (strcmp(socket, users) == 0)
		folder = users_folder();
	free(users);
	return folder;
}

struct boot *
boot_new(struct daemon *daemon, const char *folder, const char *socket)
{
	struct boot *boot = xcalloc(1, sizeof *boot);

	boot->daemon = daemon;
	boot->is_default = folder == NULL;
	boot->folder =
	    folder != NULL ? xstrdup(folder) : default_folder(socket);
	boot->caller.task = TASK_ROOT_ID;
	boot->caller.uid = geteuid();
	boot->caller.wake = ignore_wake;
	TAILQ_INIT(&boot->caller.waiting);
	TAILQ_INIT(&boot->caller.telling);
	TAILQ_INIT(&boot->caller.ready);
	return boot;
}

void
boot_delete(struct boot *boot)
{
	struct seen *seen = boot->seen, *next;

	HASH_CLEAR(hh, boot->seen);
	for (; seen != NULL; seen = next) {
		next = seen->hh.next;
		free(seen);
	}
	free(boot->folder);
	free(boot);
}

/* Line 0 is the whole file, and no file the folder. */
static void
complain(struct boot *boot, const char *file, size_t line, const char *message)
{
	char *path = file == NULL ? xstrdup(boot->folder) :
				    xasprintf("%s/%s", boot->folder, file);

	if (line == 0)
		log_line(LOG_ERROR, "boot", "%s: %s", path, message);
	else
		log_line(LOG_ERROR, "boot", "%s:%zu: %s", path, line, message);
	json_array_append_new(boot->errors,
	    json_pack("{s:o, s:I, s:s}", "file", error_string(path), "line",
		(json_int_t)line, "message", message));
	free(path);
}

static void
complain_of(struct boot *boot, const char *file, size_t line, json_t *error)
{
	complain(boot, file, line,
	    json_string_value(json_object_get(error, "message")));
	json_decref(error);
}

/* An error, or NULL. */
static json_t *
run(struct boot *boot, const struct request *request)
{
	struct call call = {.daemon = boot->daemon, .caller = &boot->caller};
	json_int_t code;
	json_t *error;

	if (starter_params(request->method, &error) == NULL)
		return error;
	if (method_run(&call, request) == METHOD_DONE) {
		free(call.result);
		boot->done++;
		return NULL;
	}
	code = json_integer_value(json_object_get(call.error, "code"));
	if (code != ERROR_ALREADY_EXISTS)
		return call.error;
	json_decref(call.error);
	return NULL;
}

static void
read_line(struct boot *boot, const char *file, size_t number, const char *line,
    size_t length)
{
	struct request request;
	json_t *error = NULL;
	json_t *value = request_parse(line, length, &error);

	if (value != NULL && request_read(&request, value, &error) == 0)
		error = run(boot, &request);
	if (error != NULL)
		complain_of(boot, file, number, error);
	json_decref(value);
}

static bool
is_blank(const char *line, size_t length)
{
	return length == 0 || *line == '#' || strspn(line, " \t\r") >= length;
}

static void
read_lines(struct boot *boot, const char *file, const char *text)
{
	size_t number = 0, length;

	while (*text != '\0') {
		length = strcspn(text, "\n");
		number++;
		if (length > LIMIT_MESSAGE)
			complain(boot, file, number, "the line is too long");
		else if (!is_blank(text, length))
			read_line(boot, file, number, text, length);
		text += length;
		text += *text == '\n';
	}
}

/* The whole file; NULL with errno set. */
static char *
read_text(int fd, size_t size)
{
	char *text = xmalloc(size + 1);
	size_t held = 0;
	ssize_t got = 1;

	while (held < size && got > 0) {
		got = read(fd, text + held, size - held);
		held += got > 0 ? (size_t)got : 0;
	}
	text[held] = '\0';
	if (got >= 0 && strlen(text) == held)
		return text;
	if (got >= 0)
		errno = EILSEQ;
	free(text);
	return NULL;
}

/* Whether it is as it was when it was read; from now on it is as it is. */
static bool
is_known(struct boot *boot, const char *file, const struct stat *stat)
{
	struct seen *seen;
	bool is_same;

	HASH_FIND_STR(boot->seen, file, seen);
	if (seen == NULL) {
		seen = xcalloc(1, sizeof *seen + strlen(file) + 1);
		memcpy(seen->name, file, strlen(file) + 1);
		HASH_ADD_STR(boot->seen, name, seen);
	}
	is_same = seen->number == stat->st_ino && seen->size == stat->st_size &&
		  seen->changed.tv_sec == stat->st_mtim.tv_sec &&
		  seen->changed.tv_nsec == stat->st_mtim.tv_nsec;
	seen->number = stat->st_ino;
	seen->size = stat->st_size;
	seen->changed = stat->st_mtim;
	return is_same;
}

static void
read_opened(struct boot *boot, const char *file, int fd)
{
	struct stat stat;
	char *text;

	if (fstat(fd, &stat) == -1) {
		complain(boot, file, 0, strerror(errno));
	} else if (!S_ISREG(stat.st_mode)) {
		complain(boot, file, 0, "it is no regular file");
	} else if (stat.st_size > (off_t)LIMIT_FILE) {
		complain(boot, file, 0, "it is over 16 MiB");
	} else if (!is_known(boot, file, &stat)) {
		text = read_text(fd, (size_t)stat.st_size);
		if (text == NULL)
			complain(boot, file, 0,
			    errno == EILSEQ ? "it holds a NUL byte" :
					      strerror(errno));
		else
			read_lines(boot, file, text);
		free(text);
	}
}

/* No FIFO holds it up. */
static void
read_file(struct boot *boot, int folder, const char *file)
{
	int fd = openat(folder, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1) {
		complain(boot, file, 0, strerror(errno));
		return;
	}
	read_opened(boot, file, fd);
	close(fd);
}

static int
is_ours(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), end = sizeof suffix - 1;

	return length > end && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + length - end, suffix) == 0;
}

static void
read_folder(struct boot *boot, int folder)
{
	struct dirent **entries;
	int count = scandirat(folder, ".", &entries, is_ours, alphasort), i;

	if (count == -1) {
		complain(boot, NULL, 0, strerror(errno));
		return;
	}
	for (i = 0; i < count; i++) {
		read_file(boot, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

size_t
boot_read(struct boot *boot, json_t **errors)
{
	int folder;

	*errors = boot->errors = json_array();
	boot->done = 0;
	if (boot->folder == NULL)
		return 0;
	folder = open(boot->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder != -1) {
		read_folder(boot, folder);
		close(folder);
	} else if (errno != ENOENT || !boot->is_default) {
		complain(boot, NULL, 0, strerror(errno));
	}
	log_line(LOG_DEBUG, "boot", "%s: %zu requests done", boot->folder,
	    boot->done);
	return boot->done;
}
