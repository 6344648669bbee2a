/* The filter of one flex sensor: the median of 3 removes single spikes, one pole removes the ADC's noise. */
#ifndef SG_FLEX_H
#define SG_FLEX_H

#include <stdint.h>

/* Fingers bend at up to about 5 Hz; noise above this is halved in power and more. */
#define SG_FLEX_CUTOFF_HZ 8.0f

struct sg_flex {
    uint16_t recent[2]; /* the last readings, newest first */
    uint8_t held;       /* their number */
    float smoothed;     /* ADC counts */
};

/* Start without readings: the first one passes unchanged. */
void sg_flex_start(struct sg_flex *filter);

/* Take a reading in ADC counts, `seconds` after the last, and return the smoothed value. A reading of 0 (a broken wire)
 * returns 0 and restarts the filter: a fault must show, not be smoothed away. */
float sg_flex_update(struct sg_flex *filter, uint16_t counts, float seconds);

#endif
