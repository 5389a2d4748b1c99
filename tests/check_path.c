/* The socket's path: where it comes from, and whether its folder is safe. */
#include "config.h"

#include "proto/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/xalloc.h"
#include "tests/unit.h"

#define NOBODY 65534

static char folder[] = "/tmp/check_path.XXXXXX";
static char *inner; /* a folder in it, made by none but the tests */
static char *inner_socket;

/* Acts as another user than root, as far as paths go. */
static void
become_user(void)
{
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(NOBODY), 0);
}

static void
setup(void)
{
	unsetenv("TASKLET_SOCKET");
	unsetenv("XDG_RUNTIME_DIR");
	umask(0);
	strcpy(strrchr(folder, '.'), ".XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	inner = xasprintf("%s/tasklet", folder);
	inner_socket = xasprintf("%s/control.sock", inner);
}

static void
teardown(void)
{
	ck_assert_int_eq(seteuid(getuid()), 0);
	(void)unlink(inner);
	(void)rmdir(inner);
	ck_assert_int_eq(rmdir(folder), 0);
	free(inner_socket);
	free(inner);
}

/* --- which socket ------------------------------------------------------- */

static void
expect_socket(const char *option, const char *want, bool want_default)
{
	bool is_default = !want_default;
	char *path = path_socket(option, &is_default);

	ck_assert_str_eq(path, want);
	ck_assert_int_eq(is_default, want_default);
	free(path);
}

static void
expect_tmp_socket(void)
{
	char *want = xasprintf(
	    "/tmp/tasklet-%lu/control.sock", (unsigned long)geteuid());

	expect_socket(NULL, want, true);
	free(want);
}

START_TEST(the_option_comes_before_all_else)
{
	setenv("TASKLET_SOCKET", "/env", 1);
	expect_socket("/option", "/option", false);
	expect_socket("relative", "relative", false);
}
END_TEST

START_TEST(then_the_environment)
{
	setenv("TASKLET_SOCKET", "/env", 1);
	setenv("XDG_RUNTIME_DIR", "/xdg", 1);
	expect_socket(NULL, "/env", false);
}
END_TEST

START_TEST(then_the_runtime_folder)
{
	become_user();
	setenv("XDG_RUNTIME_DIR", "/xdg", 1);
	expect_socket(NULL, "/xdg/tasklet/control.sock", true);
}
END_TEST

START_TEST(then_a_folder_of_the_users_own_in_tmp)
{
	become_user();
	expect_tmp_socket();
}
END_TEST

START_TEST(what_is_empty_is_as_absent)
{
	become_user();
	setenv("TASKLET_SOCKET", "/env", 1);
	expect_socket("", "/env", false);
	setenv("TASKLET_SOCKET", "", 1);
	setenv("XDG_RUNTIME_DIR", "/xdg", 1);
	expect_socket("", "/xdg/tasklet/control.sock", true);
	setenv("XDG_RUNTIME_DIR", "", 1);
	expect_tmp_socket();
}
END_TEST

START_TEST(root_has_the_systems_socket)
{
	setenv("XDG_RUNTIME_DIR", "/xdg", 1);
	expect_socket(NULL, "/run/tasklet/control.sock", true);
}
END_TEST

/* --- its folder --------------------------------------------------------- */

static void
expect_unsafe(int (*function)(const char *socket), int want)
{
	errno = 0;
	ck_assert_int_eq(function(inner_socket), -1);
	ck_assert_int_eq(errno, want);
}

START_TEST(a_folder_that_is_missing_is_told_so)
{
	expect_unsafe(path_check_folder, ENOENT);
}
END_TEST

START_TEST(a_folder_of_ones_own_is_safe)
{
	ck_assert_int_eq(mkdir(inner, 0700), 0);
	ck_assert_int_eq(path_check_folder(inner_socket), 0);
	ck_assert_int_eq(path_make_folder(inner_socket), 0);
}
END_TEST

START_TEST(a_folder_that_others_may_enter_is_not_safe)
{
	const mode_t modes[] = {0701, 0710, 0704, 0740, 0702, 0720, 0755, 0777};
	size_t i;

	ck_assert_int_eq(mkdir(inner, 0700), 0);
	for (i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		ck_assert_int_eq(chmod(inner, modes[i]), 0);
		expect_unsafe(path_check_folder, EPERM);
		expect_unsafe(path_make_folder, EPERM);
	}
}
END_TEST

START_TEST(a_link_to_a_safe_folder_is_not_safe)
{
	ck_assert_int_eq(symlink(folder, inner), 0);
	expect_unsafe(path_check_folder, EPERM);
	expect_unsafe(path_make_folder, EPERM);
}
END_TEST

START_TEST(a_file_is_no_folder)
{
	close(open(inner, O_CREAT | O_WRONLY, 0700));
	expect_unsafe(path_check_folder, EPERM);
	expect_unsafe(path_make_folder, EPERM);
}
END_TEST

START_TEST(another_users_folder_is_not_safe)
{
	ck_assert_int_eq(mkdir(inner, 0700), 0);
	ck_assert_int_eq(chown(inner, NOBODY, NOBODY), 0);
	expect_unsafe(path_check_folder, EPERM);
	expect_unsafe(path_make_folder, EPERM);
}
END_TEST

START_TEST(a_missing_folder_is_made_closed_to_others)
{
	struct stat st;

	ck_assert_int_eq(path_make_folder(inner_socket), 0);
	ck_assert_int_eq(lstat(inner, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0700);
}
END_TEST

START_TEST(only_the_last_folder_is_made)
{
	char *socket = xasprintf("%s/deeper/control.sock", inner);

	ck_assert_int_eq(path_make_folder(socket), -1);
	ck_assert_int_eq(errno, ENOENT);
	free(socket);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    the_option_comes_before_all_else,
	    then_the_environment,
	    then_the_runtime_folder,
	    then_a_folder_of_the_users_own_in_tmp,
	    what_is_empty_is_as_absent,
	    a_folder_that_is_missing_is_told_so,
	    a_folder_of_ones_own_is_safe,
	    a_folder_that_others_may_enter_is_not_safe,
	    a_link_to_a_safe_folder_is_not_safe,
	    a_file_is_no_folder,
	    a_missing_folder_is_made_closed_to_others,
	    only_the_last_folder_is_made,
	    /* as root alone */
	    root_has_the_systems_socket,
	    another_users_folder_is_not_safe,
	};
	size_t count = sizeof tests / sizeof tests[0];

	return unit_run(
	    "path", setup, teardown, tests, getuid() == 0 ? count : count - 2);
}
