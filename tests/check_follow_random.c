/* Random writes to a small output that several follow, each at its own pace:
   what they are told and what they lost is all that was written. */
#include "config.h"

#include "daemon/output.h"

#include <stdlib.h>
#include <string.h>

#include "tests/asker.h"
#include "tests/unit.h"

#define STEPS	  20000
#define CALLERS	  6
#define KEPT	  100
#define MOST_ONCE 130
#define ALL_ONCE  (STEPS * MOST_ONCE)

/* All that was ever written, and to which stream. */
static char written[ALL_ONCE];
static unsigned char stream_of[ALL_ONCE];
static size_t end;

static struct task *task;
static uint64_t task_id;

/* One who follows, and what it has been told so far. */
static struct follower {
	struct caller caller; /* first */
	struct output_read read;
	uint64_t next;
	uint64_t lost; /* bytes */
	bool ended;
} followers[CALLERS];

static void take_text(struct follower *follower, char *text);

static void
wake(struct caller *who)
{
	unit_check(!TAILQ_EMPTY(&who->telling) || !TAILQ_EMPTY(&who->ready));
}

static bool
has_room(const struct caller *who)
{
	(void)who;
	return unit_one_in(4);
}

static void
tell(struct caller *who, char *notification)
{
	take_text((struct follower *)who, notification);
}

static void
begin(struct follower *follower)
{
	struct address address = {.id = json_integer(1)};

	memset(follower, 0, sizeof *follower);
	TAILQ_INIT(&follower->caller.waiting);
	TAILQ_INIT(&follower->caller.telling);
	TAILQ_INIT(&follower->caller.ready);
	follower->caller.wake = wake;
	follower->caller.has_room = has_room;
	follower->caller.tell = tell;
	follower->read = (struct output_read){
	    .after = unit_below(end + KEPT),
	    .part = unit_one_in(2) ? OUTPUT_STREAM : OUTPUT_RUN,
	    .stream = unit_one_in(2) ? STREAM_STDERR : STREAM_STDOUT,
	    .text = true,
	};
	follower->next = follower->read.after;
	if (follower->next > end)
		follower->next = end;
	waiter_new_follow(waiters, &follower->caller, &address, task,
	    task->output, &follower->read);
}

static void
drop_address(struct caller *who, struct address *address)
{
	(void)who;
	json_decref(address->id);
}

static void
leave(struct follower *follower)
{
	waiters_drop(waiters, &follower->caller, drop_address);
	unit_check(follower->caller.nwaiting == 0);
}

static void
setup(void)
{
	size_t i;

	asker_setup();
	task = actor();
	task_id = task->id;
	task->output = output_new(KEPT);
	end = 0;
	for (i = 0; i < CALLERS; i++)
		begin(&followers[i]);
}

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < CALLERS; i++)
		leave(&followers[i]);
	asker_teardown();
}

static void
write_random(void)
{
	size_t length = unit_below(unit_one_in(8) ? MOST_ONCE : 20),
	       first = end;
	enum output_stream stream =
	    unit_one_in(3) ? STREAM_STDERR : STREAM_STDOUT;

	size_t i;

	for (i = first; i < first + length; i++) {
		written[i] = (char)('!' + unit_below(90));
		stream_of[i] = (unsigned char)stream;
	}
	end = first + length; /* some are told before it is all there */
	scheduler_write(scheduler, task, stream, written + first, length);
}

/* Of that stream, from what it was told last up to `next`, all but the data is
   lost, and lay before them. */
static void
check_data(const struct follower *follower, uint64_t next, const char *data,
    enum output_stream stream, uint64_t lost)
{
	size_t left = strlen(data), at = next, missing = 0;

	if (follower->read.part == OUTPUT_RUN)
		unit_check(follower->next + lost + left == next);
	while (at-- > follower->next) {
		if (stream_of[at] == stream && left > 0)
			unit_check(data[--left] == written[at]);
		else if (stream_of[at] == stream)
			missing++;
		else
			unit_check(
			    left == 0 || follower->read.part == OUTPUT_STREAM);
	}
	unit_check(left == 0);
	unit_check(missing <= lost);
}

static void
check_notification(struct follower *follower, const json_t *params)
{
	const char *name = json_string_value(json_object_get(params, "stream"));
	enum output_stream stream =
	    strcmp(name, "stderr") == 0 ? STREAM_STDERR : STREAM_STDOUT;
	uint64_t next = json_integer_value(json_object_get(params, "next"));
	uint64_t lost = json_integer_value(json_object_get(params, "lost"));

	unit_check(json_integer_value(json_object_get(params, "task")) ==
		   (json_int_t)task_id);
	unit_check(json_object_get(params, "lost") == NULL || lost > 0);
	unit_check(follower->read.part == OUTPUT_RUN ||
		   stream == follower->read.stream);
	unit_check(next <= end);
	check_data(follower, next,
	    json_string_value(json_object_get(params, "data")), stream, lost);
	follower->next = next;
	follower->lost += lost;
}

/* What no notification told of was of the other stream, or is lost. */
static void
check_result(struct follower *follower, const json_t *result)
{
	uint64_t lost = json_integer_value(json_object_get(result, "lost"));

	unit_check(
	    follower->read.part == OUTPUT_STREAM || follower->next == end);
	unit_check(json_integer_value(json_object_get(result, "next")) ==
		   (json_int_t)end);
	unit_check(lost >= follower->lost);
	check_data(
	    follower, end, "", follower->read.stream, lost - follower->lost);
	follower->ended = true;
}

static void
take_text(struct follower *follower, char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	unit_check(!follower->ended);
	if (json_object_get(value, "method") != NULL)
		check_notification(follower, json_object_get(value, "params"));
	else
		check_result(follower, json_object_get(value, "result"));
	json_decref(value);
	free(text);
}

static bool
take_one(struct follower *follower)
{
	struct address address;
	char *text = take_from(&follower->caller, &address);

	if (text == NULL)
		return false;
	take_text(follower, text);
	json_decref(address.id);
	return true;
}

static void
step(void)
{
	struct follower *follower = &followers[unit_below(CALLERS)];

	switch (unit_below(12)) {
	case 0:
		while (take_one(follower))
			continue;
		break;
	case 1:
		if (unit_one_in(20)) {
			leave(follower);
			begin(follower);
		}
		break;
	case 2:
	case 3:
	case 4:
		write_random();
		break;
	default:
		take_one(follower);
	}
}

START_TEST(what_they_are_told_and_what_they_lost_is_all_there_was)
{
	size_t i;

	for (i = 0; i < STEPS; i++)
		step();
	stage_finish(task);
	if (unit_one_in(2))
		scheduler_forget(scheduler, task);
	tell_all();
	for (i = 0; i < CALLERS; i++) {
		while (take_one(&followers[i]))
			continue;
		unit_check(followers[i].ended);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    what_they_are_told_and_what_they_lost_is_all_there_was,
	};

	return unit_run("follow_random", setup, teardown, tests,
	    sizeof tests / sizeof tests[0]);
}
