/* Samples: medians, percentiles, spreads. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>

/* Numbers in the order they came. Zeroed, it is empty and owns nothing. */
struct sample {
	double *value;
	size_t count;
	size_t room;
};

void sample_add(struct sample *sample, double value);
void sample_clear(struct sample *sample);
void sample_destroy(struct sample *sample);

/* The number that this part (0 to 1) of them do not exceed; 0 of none. */
double sample_quantile(const struct sample *sample, double part);
double sample_median(const struct sample *sample);
double sample_worst(const struct sample *sample);

/* The value of `a` over that of `b`, round by round, into *ratios. */
void sample_divide(
    struct sample *ratios, const struct sample *a, const struct sample *b);

#endif
