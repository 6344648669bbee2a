/* The glove's sensors on this board: sensors_hardware.c or sensors_simulated.c, as the build says. */
#ifndef SENSORS_H
#define SENSORS_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "clock.h"

/* What the sensors are, for the greeting. */
extern const char *const sensors_name;

void sensors_start(const struct clock *clock, uint32_t now_us);

/* What is read from now on is read at this time. */
void sensors_set_time(uint32_t now_us);

/* For struct sg_board. */
bool sensors_read_imu(void *context, float acceleration[3], float rate[3]);
bool sensors_read_flex(void *context, uint16_t counts[SG_FINGERS]);

#endif
