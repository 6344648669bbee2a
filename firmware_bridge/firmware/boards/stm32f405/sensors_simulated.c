#include "sensors.h"

#include <stddef.h>

#include "simulated.h"

#ifndef SG_SPELLED /* the letters that the hand spells: 안녕 */
#define SG_SPELLED SG_IEUNG, SG_A, SG_NIEUN, SG_NIEUN, SG_YEO, SG_IEUNG
#endif
#ifndef SG_SEED
#define SG_SEED 1u
#endif

const char *const sensors_name = "STM32F405, simulated sensors";

static const enum sg_letter spelled[] = {SG_SPELLED};
static struct sg_simulated hand;

void sensors_start(const struct clock *clock, uint32_t now_us)
{
    (void)clock;
    sg_simulated_start(&hand, spelled, sizeof spelled / sizeof spelled[0], SG_SEED, now_us);
}

void sensors_set_time(uint32_t now_us) { sg_simulated_set_time(&hand, now_us); }

bool sensors_read_imu(void *context, float acceleration[3], float rate[3])
{
    (void)context;
    sg_simulated_read_imu(&hand, acceleration, rate);
    return true;
}

bool sensors_read_flex(void *context, uint16_t counts[SG_FINGERS])
{
    (void)context;
    sg_simulated_read_flex(&hand, counts);
    return true;
}
