/* What /proc tells of processes. */
#include "config.h"

#include "daemon/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit.h"

/* A child that calls itself that, in a session of its own or not, and says
   when it does. */
static pid_t
start_child(const char *name, bool leads)
{
	int ends[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (leads)
			setsid();
		prctl(PR_SET_NAME, name);
		(void)!write(ends[1], "x", 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void
end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static size_t
count_children(void)
{
	pid_t *pids;
	size_t count;

	ck_assert_int_eq(proc_children(&pids, &count), 0);
	free(pids);
	return count;
}

static bool
is_child(pid_t pid)
{
	pid_t *pids;
	size_t count, i;
	bool found = false;

	ck_assert_int_eq(proc_children(&pids, &count), 0);
	for (i = 0; i < count; i++)
		found |= pids[i] == pid;
	free(pids);
	return found;
}

START_TEST(a_process_has_a_name_and_a_session)
{
	static const char *const names[] = {
	    "plain", "a b", ") R 1 2 3 (", "((", "))", "\n\t", "\xff\xfe", ""};
	struct proc proc;
	size_t i;
	pid_t pid;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		pid = start_child(names[i], i % 2 == 0);
		ck_assert_int_eq(proc_read(pid, &proc), 0);
		ck_assert_str_eq(proc.command, names[i]);
		ck_assert_int_eq(proc.session, i % 2 == 0 ? pid : getsid(0));
		ck_assert(proc.user >= 0 && proc.user < 10);
		ck_assert(proc.system >= 0 && proc.system < 10);
		end_child(pid);
	}
}
END_TEST

START_TEST(a_zombie_has_them_still)
{
	pid_t pid = start_child("zombie", true);
	struct proc proc;
	siginfo_t info;

	kill(pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(proc_read(pid, &proc), 0);
	ck_assert_str_eq(proc.command, "zombie");
	ck_assert_int_eq(proc.session, pid);
	ck_assert(is_child(pid));
	ck_assert_uint_eq(proc_peak_memory(pid), 0);
	ck_assert_ptr_null(proc_environment(pid, "PATH"));
	end_child(pid);
	ck_assert_int_eq(proc_read(pid, &proc), -1);
	ck_assert(!is_child(pid));
}
END_TEST

START_TEST(the_cpu_time_is_of_both_kinds)
{
	struct proc proc;

	do {
		ck_assert_int_eq(proc_read(getpid(), &proc), 0);
	} while (proc.user + proc.system < 0.05);
	ck_assert(proc.user + proc.system < 30);
}
END_TEST

START_TEST(the_peak_of_memory)
{
	size_t size = 64 << 20;
	volatile char *much = malloc(size);
	size_t i;

	for (i = 0; i < size; i += 4096)
		much[i] = 1;
	free((void *)much);
	ck_assert_uint_gt(proc_peak_memory(getpid()), size);
	ck_assert_uint_lt(proc_peak_memory(getpid()), 100 * size);
}
END_TEST

/* The other end of what start_with() has started. */
static int cat;

/* A cat whose environment is that. It is there once it has answered: one that
   is in the midst of exec has none. */
static pid_t
start_with(const char *const env[], size_t count)
{
	char *envp[8];
	int ends[2];
	char byte = 'x';
	pid_t pid;

	if (count > 0)
		memcpy(envp, env, count * sizeof *env);
	envp[count] = NULL;
	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execle("/bin/cat", "cat", (char *)NULL, envp);
		_exit(127);
	}
	close(ends[1]);
	cat = ends[0];
	ck_assert_int_eq(write(cat, &byte, 1), 1);
	ck_assert_int_eq(read(cat, &byte, 1), 1);
	return pid;
}

static void
end_cat(pid_t pid)
{
	end_child(pid);
	close(cat);
}

static void
expect_variable(pid_t pid, const char *name, const char *want)
{
	char *value = proc_environment(pid, name);

	if (want == NULL) {
		ck_assert_ptr_null(value);
	} else {
		ck_assert_ptr_nonnull(value);
		ck_assert_str_eq(value, want);
	}
	free(value);
}

START_TEST(the_environment_it_began_with)
{
	static char large[100001];
	const char *const env[] = {
	    "A=1", "AB=2", "EMPTY=", "", large, "NOVALUE", "LAST=x=y"};
	pid_t pid;

	memset(large, 'x', sizeof large - 1);
	memcpy(large, "LARGE=", 6);
	pid = start_with(env, sizeof env / sizeof *env);
	expect_variable(pid, "A", "1");
	expect_variable(pid, "AB", "2");
	expect_variable(pid, "EMPTY", "");
	expect_variable(pid, "LARGE", large + 6);
	expect_variable(pid, "LAST", "x=y");
	expect_variable(pid, "NOVALUE", NULL);
	expect_variable(pid, "B", NULL);
	expect_variable(pid, "LAS", NULL);
	end_cat(pid);
}
END_TEST

START_TEST(no_environment)
{
	pid_t pid = start_with(NULL, 0);

	expect_variable(pid, "A", NULL);
	end_cat(pid);
}
END_TEST

START_TEST(children_are_all_that_were_not_reaped)
{
	pid_t pids[50];
	size_t i;

	ck_assert_uint_eq(count_children(), 0);
	for (i = 0; i < 50; i++)
		pids[i] = start_child("child", false);
	ck_assert_uint_eq(count_children(), 50);
	for (i = 0; i < 50; i++)
		ck_assert(is_child(pids[i]));
	for (i = 0; i < 50; i += 2)
		end_child(pids[i]);
	for (i = 0; i < 50; i++)
		ck_assert(is_child(pids[i]) == (i % 2 == 1));
	for (i = 1; i < 50; i += 2)
		end_child(pids[i]);
}
END_TEST

START_TEST(what_is_not_there)
{
	struct proc proc;

	/* Past the largest that Linux gives. */
	ck_assert_int_eq(proc_read(1 << 23, &proc), -1);
	ck_assert_uint_eq(proc_peak_memory(1 << 23), 0);
	ck_assert_ptr_null(proc_environment(1 << 23, "PATH"));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    a_process_has_a_name_and_a_session,
	    a_zombie_has_them_still,
	    the_cpu_time_is_of_both_kinds,
	    the_peak_of_memory,
	    the_environment_it_began_with,
	    no_environment,
	    children_are_all_that_were_not_reaped,
	    what_is_not_there,
	};

	return unit_run(
	    "proc", NULL, NULL, tests, sizeof tests / sizeof *tests);
}
