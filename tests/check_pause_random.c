/* Tasks paused, resumed and cancelled at random: the counters stay exact. */
#include "config.h"

#include "tests/fake_loop.h"
#include "tests/unit.h"

static struct job_run
some_take_time(uint64_t run)
{
	return (struct job_run){
	    .takes = run % 3 == 0 ? 0 : 0.5, .fails = run % 5 == 0};
}

static struct task *
random_task(struct task *const all[], size_t count)
{
	return all[unit_below(count)];
}

START_TEST(counters_are_exact_whatever_happens)
{
	struct task *all[400];
	size_t count = 1, step;

	all[0] = root;
	job_plan = some_take_time;
	for (step = 0; step < 4000; step++) {
		struct task *task = random_task(all, count);
		bool only = unit_one_in(2);

		if (task_is_live(task) && count < 400 && unit_one_in(4)) {
			struct spawn spawn = job_spawn(task);

			spawn.scope = (enum task_scope)unit_below(3);
			spawn.delay = (double)unit_below(3) - 1;
			spawn.timeout = (double)unit_below(8) - 1;
			all[count++] = scheduler_spawn(scheduler, &spawn);
		} else if (unit_one_in(4)) {
			go_on(0.1 * (double)unit_below(5));
		} else if (task == root || !task_is_live(task)) {
			continue;
		} else if (unit_one_in(2)) {
			hold(task, only);
		} else if (!unit_one_in(4)) {
			resume(task, only);
		} else {
			scheduler_cancel(scheduler, task,
			    &(struct cancel){.only = only}, NULL, 0);
		}
		check_counts();
	}
	resume(root, SUBTREE);
	go_on(1000);
	ck_assert_uint_eq(root->nchildren, 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {counters_are_exact_whatever_happens};

	return unit_run("pause_random", fake_loop_setup, fake_loop_teardown,
	    tests, sizeof tests / sizeof *tests);
}
