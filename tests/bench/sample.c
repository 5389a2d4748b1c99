/* Samples: medians, percentiles, spreads. */
#include "config.h"

#include "tests/bench/sample.h"

#include <stdlib.h>
#include <string.h>

#include "proto/xalloc.h"

void
sample_add(struct sample *sample, double value)
{
	if (sample->count == sample->room) {
		sample->room = sample->room == 0 ? 64 : 2 * sample->room;
		sample->value = xrealloc(
		    sample->value, sample->room * sizeof *sample->value);
	}
	sample->value[sample->count++] = value;
}

void
sample_clear(struct sample *sample)
{
	sample->count = 0;
}

void
sample_destroy(struct sample *sample)
{
	free(sample->value);
	*sample = (struct sample){0};
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
sample_quantile(const struct sample *sample, double part)
{
	size_t at;
	double *sorted, value;

	if (sample->count == 0)
		return 0;
	sorted = xmalloc(sample->count * sizeof *sorted);
	memcpy(sorted, sample->value, sample->count * sizeof *sorted);
	qsort(sorted, sample->count, sizeof *sorted, compare);
	at = (size_t)(part * (double)sample->count);
	value = sorted[at < sample->count ? at : sample->count - 1];
	free(sorted);
	return value;
}

double
sample_median(const struct sample *sample)
{
	return sample_quantile(sample, 0.5);
}

double
sample_worst(const struct sample *sample)
{
	return sample_quantile(sample, 1);
}

void
sample_divide(
    struct sample *ratios, const struct sample *a, const struct sample *b)
{
	sample_clear(ratios);
	for (size_t i = 0; i < a->count && i < b->count; i++)
		sample_add(ratios, a->value[i] / b->value[i]);
}
