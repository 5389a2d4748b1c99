/* What holds for any run of tasklet-ctl, whatever it was given. */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "client/report.h"
#include "proto/request.h"
#include "tests/fuzz/ctl.h"
#include "tests/fuzz/fuzz.h"

/* "\033[1;32m" and the like, which --color always asks for. */
static size_t
color_length(const char *text)
{
	size_t length;

	if (strncmp(text, "\033[", 2) != 0)
		return 0;
	length = 2 + strspn(text + 2, "0123456789;");
	return text[length] == 'm' ? length + 1 : 0;
}

static void
check_text(const char *text, size_t length, bool in_color)
{
	size_t at, count;
	wchar_t c;

	fuzz_check(strlen(text) == length);
	for (at = 0; at < length; at += count) {
		count = in_color ? color_length(text + at) : 0;
		if (count > 0)
			continue;
		count = mbrtowc(&c, text + at, length - at, &(mbstate_t){0});
		fuzz_check(count >= 1 && count <= length - at);
		fuzz_check(iswprint((wint_t)c) || c == L'\n' || c == L'\t');
	}
}

static bool
ends_a_line(const char *text, size_t length)
{
	return length == 0 || text[length - 1] == '\n';
}

/* Calls back for each line of the text, which is without its LF. */
static void
each_line(const char *text, void (*line)(const char *line, size_t length))
{
	const char *lf;

	for (; (lf = strchr(text, '\n')) != NULL; text = lf + 1)
		line(text, (size_t)(lf - text));
}

/* --- what is sent -------------------------------------------------------- */

/* Each connection counts from 1; top has a second one for its pager. */
static json_int_t last_id;
static bool has_many;

static void
check_request(const char *line, size_t length)
{
	json_t *error = NULL, *value = request_parse(line, length, &error);
	struct request request;

	fuzz_check(value != NULL);
	fuzz_check(request_read(&request, value, &error) == 0);
	fuzz_check(request.params == NULL || json_is_object(request.params));
	fuzz_check(has_many || json_integer_value(request.id) == ++last_id);
	json_decref(value);
}

/* --- JSON ---------------------------------------------------------------- */

static void
check_json(const char *line, size_t length)
{
	json_t *error = NULL, *value = request_parse(line, length, &error);

	fuzz_check(value != NULL);
	json_decref(value);
}

static void
check_report(const char *line, size_t length)
{
	json_t *error = NULL, *value = request_parse(line, length, &error);

	fuzz_check(json_object_size(value) == 1);
	fuzz_check(json_object_get(value, "error") != NULL ||
		   json_object_get(value, "notice") != NULL);
	json_decref(value);
}

/* --- a run --------------------------------------------------------------- */

bool
ctl_is_refused(const struct ctl *ctl)
{
	return ctl->status == STATUS_USAGE &&
	       strstr(ctl->err, "--help'\n") != NULL;
}

/* Help, the version and a trace are what they are. */
static bool
prints_else(const struct ctl *ctl)
{
	return ctl_has_word(ctl, "trace") ||
	       strncmp(ctl->out, "usage: ", 7) == 0 ||
	       strncmp(ctl->out, "tasklet-ctl ", 12) == 0;
}

void
ctl_check_text(const struct ctl *ctl)
{
	bool in_color =
	    ctl_has_word(ctl, "always") || ctl_has_word(ctl, "--color=always");

	fuzz_check(ctl->status >= 0 && ctl->status <= 255);
	check_text(ctl->out, ctl->out_length, in_color);
	check_text(ctl->err, ctl->err_length, false);
	fuzz_check(ends_a_line(ctl->err, ctl->err_length));
}

void
ctl_check(const struct ctl *ctl)
{
	ctl_check_text(ctl);
	last_id = 0;
	has_many = ctl_has_word(ctl, "top");
	if (!ctl_has_word(ctl, "call"))
		each_line(ctl->sent, check_request);
	if (ctl->count == 0 || strcmp(ctl->words[0], "--json") != 0)
		return;
	if (!prints_else(ctl))
		each_line(ctl->out, check_json);
	each_line(ctl->err, check_report);
}
