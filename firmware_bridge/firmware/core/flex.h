/* Smooths one flex sensor: the median of 3 takes out single spikes, one pole takes out the ADC's noise. */
#ifndef SG_FLEX_H
#define SG_FLEX_H

#include <stdint.h>

/* Fingers bend at up to about 5 Hz; noise above this is halved in power and more. */
#define SG_FLEX_CUTOFF_HZ 8.0f

struct sg_flex {
    uint16_t recent[2]; /* the last readings, newest first */
    uint8_t held;       /* how many of them there are */
    float smoothed;     /* ADC counts */
};

/* No readings yet: the first is given as it is. */
void sg_flex_start(struct sg_flex *filter);

/* Take a reading in ADC counts, `seconds` after the last; gives the smoothed value. A reading of 0 (a broken wire) is
 * given as 0 and the filter begins anew after it: a fault must be seen, not smoothed away. */
float sg_flex_update(struct sg_flex *filter, uint16_t counts, float seconds);

#endif
