#include "flex.h"

static const float TAU_S = 1.0f / (2.0f * 3.14159265f * SG_FLEX_CUTOFF_HZ);

static uint16_t lesser(uint16_t a, uint16_t b) { return a < b ? a : b; }
static uint16_t greater(uint16_t a, uint16_t b) { return a < b ? b : a; }

static uint16_t median(uint16_t a, uint16_t b, uint16_t c)
{
    return greater(lesser(a, b), lesser(greater(a, b), c));
}

void sg_flex_start(struct sg_flex *filter) { *filter = (struct sg_flex){.held = 0}; }

float sg_flex_update(struct sg_flex *filter, uint16_t counts, float seconds)
{
    if (counts == 0) {
        sg_flex_start(filter);
        return 0.0f;
    }
    /* The second reading may be a spike, so it has no effect before the third. */
    uint16_t middle = filter->held ? filter->recent[0] : counts;
    if (filter->held == 2) {
        middle = median(counts, filter->recent[0], filter->recent[1]);
    }
    if (filter->held) {
        filter->smoothed += seconds / (TAU_S + seconds) * ((float)middle - filter->smoothed);
    } else {
        filter->smoothed = (float)middle;
    }
    filter->recent[1] = filter->recent[0];
    filter->recent[0] = counts;
    filter->held = filter->held == 0 ? 1 : 2;
    return filter->smoothed;
}
