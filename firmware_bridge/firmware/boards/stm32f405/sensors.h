/* The glove's sensors on this board: the build links sensors_hardware.c or sensors_simulated.c. */
#ifndef SENSORS_H
#define SENSORS_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "clock.h"

/* The name of the board and its sensors, for the greeting. */
extern const char *const sensors_name;

void sensors_start(const struct clock *clock, uint32_t now_us);

/* Set the time of the readings that follow. */
void sensors_set_time(uint32_t now_us);

/* For struct sg_board. */
bool sensors_read_imu(void *context, float acceleration[3], float rate[3]);
bool sensors_read_flex(void *context, uint16_t counts[SG_FINGERS]);

#endif
