/* What is printed: one line per claim, and notes. */
#include "config.h"

#include "tests/bench/report.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE "%-38s %12s %12s  %-18s %-12s %s\n"

/* Room for a figure as text. */
#define ROOM 48

static const struct unit {
	double scale;
	int decimals;
	const char *suffix;
} units[] = {
    [REPORT_PER_SECOND] = {1, 0, "/s"},
    [REPORT_NANOSECONDS] = {1e9, 0, " ns"},
    [REPORT_MICROSECONDS] = {1e6, 1, " us"},
    [REPORT_MILLISECONDS] = {1e3, 2, " ms"},
    [REPORT_BYTES] = {1, 0, " B"},
    [REPORT_MEGABYTES] = {1e-6, 2, " MB"},
    [REPORT_COUNT] = {1, 0, ""},
    [REPORT_PERCENT] = {100, 1, " %"},
};

static bool missed;

void
report_heading(void)
{
	printf(LINE, "claim", "measured", "baseline", "ratio (quartiles)",
	    "required", "");
	fflush(stdout);
}

static const char *
format(char *text, enum report_unit unit, double value)
{
	const struct unit *u = &units[unit];

	snprintf(
	    text, ROOM, "%.*f%s", u->decimals, u->scale * value, u->suffix);
	return text;
}

static const char *
verdict(enum report_bound kind, double value, double bound)
{
	bool ok = kind == REPORT_AT_LEAST ? value >= bound : value <= bound;

	if (ok)
		return "ok";
	missed = true;
	return "MISSED";
}

static const char *
sign(enum report_bound kind)
{
	return kind == REPORT_AT_LEAST ? ">=" : "<=";
}

/* The median, or a dash where there is none. */
static const char *
format_median(char *text, enum report_unit unit, const struct sample *sample)
{
	return sample->count == 0 ? "-" :
				    format(text, unit, sample_median(sample));
}

void
report_ratio(const char *name, enum report_unit unit,
    const struct sample *measured, const struct sample *baseline,
    enum report_bound kind, double bound)
{
	char a[ROOM], b[ROOM], spread[ROOM] = "-", required[ROOM];
	const char *judged = "not judged";
	struct sample ratios = {0};
	double ratio;

	sample_divide(&ratios, measured, baseline);
	if (ratios.count > 0) {
		ratio = sample_median(&ratios);
		snprintf(spread, sizeof spread, "%.2f (%.2f-%.2f)", ratio,
		    sample_quantile(&ratios, 0.25),
		    sample_quantile(&ratios, 0.75));
		judged = verdict(kind, ratio, bound);
	}
	snprintf(required, sizeof required, "%s %.2f", sign(kind), bound);
	printf(LINE, name, format_median(a, unit, measured),
	    format_median(b, unit, baseline), spread, required, judged);
	fflush(stdout);
	sample_destroy(&ratios);
}

void
report_value(const char *name, enum report_unit unit, double value,
    enum report_bound kind, double bound)
{
	char a[ROOM], b[ROOM], required[ROOM + 4];

	snprintf(required, sizeof required, "%s %s", sign(kind),
	    format(b, unit, bound));
	printf(LINE, name, format(a, unit, value), "", "", required,
	    verdict(kind, value, bound));
	fflush(stdout);
}

void
report_above(const char *name, enum report_unit unit, double value,
    double baseline, double bound)
{
	char a[ROOM], b[ROOM], c[ROOM], above[ROOM + 1], required[ROOM + 4];

	snprintf(above, sizeof above, "%s%s", value < baseline ? "" : "+",
	    format(c, unit, value - baseline));
	snprintf(required, sizeof required, "<= +%s", format(c, unit, bound));
	printf(LINE, name, format(a, unit, value), format(b, unit, baseline),
	    above, required, verdict(REPORT_AT_MOST, value - baseline, bound));
	fflush(stdout);
}

void
report_note(const char *text, ...)
{
	va_list ap;

	fputs("    ", stdout);
	va_start(ap, text);
	vprintf(text, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

bool
report_missed(void)
{
	return missed;
}
