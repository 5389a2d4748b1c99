/* What is printed: one line per claim, and notes. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

#include "tests/bench/sample.h"

enum report_unit {
	REPORT_PER_SECOND,
	REPORT_NANOSECONDS,  /* given in seconds */
	REPORT_MICROSECONDS, /* likewise */
	REPORT_MILLISECONDS, /* likewise */
	REPORT_BYTES,
	REPORT_MEGABYTES, /* given in bytes */
	REPORT_COUNT,
	REPORT_PERCENT /* given as a part of 1 */
};

enum report_bound { REPORT_AT_LEAST, REPORT_AT_MOST };

void report_heading(void);

/*
 * A claim on measured/baseline. The medians of both are shown; what is
 * judged is the median of the ratios of each round, whose rounds stood side
 * by side and so shared what noise there was. Its quartiles are shown too.
 * Where there is no baseline, or nothing was measured, it is not judged.
 */
void report_ratio(const char *name, enum report_unit unit,
    const struct sample *measured, const struct sample *baseline,
    enum report_bound kind, double bound);

/* A claim on a figure itself. */
void report_value(const char *name, enum report_unit unit, double value,
    enum report_bound kind, double bound);

/* A claim on how much more than its baseline a figure may be. */
void report_above(const char *name, enum report_unit unit, double value,
    double baseline, double bound);

/* What is no claim, but good to know. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether some claim was missed. */
bool report_missed(void);

#endif
