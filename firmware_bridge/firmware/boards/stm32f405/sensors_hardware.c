#include "sensors.h"

#include "adc.h"
#include "i2c.h"
#include "lsm6ds3.h"

const char *const sensors_name = "STM32F405";

void sensors_start(const struct clock *clock, uint32_t now_us)
{
    (void)now_us;
    i2c_start(clock);
    adc_start();
}

void sensors_set_time(uint32_t now_us) { (void)now_us; } /* real time passes by itself */

bool sensors_read_imu(void *context, float acceleration[3], float rate[3])
{
    (void)context;
    return lsm6ds3_read(acceleration, rate);
}

bool sensors_read_flex(void *context, uint16_t counts[SG_FINGERS])
{
    (void)context;
    for (uint32_t finger = 0; finger < SG_FINGERS; finger++) {
        if (!adc_read(finger, &counts[finger])) {
            return false;
        }
    }
    return true;
}
