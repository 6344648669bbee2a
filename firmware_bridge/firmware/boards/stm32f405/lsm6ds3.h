/* The motion sensor: ST LSM6DS3 at address 0x6A on I2C 1. */
#ifndef LSM6DS3_H
#define LSM6DS3_H

#include <stdbool.h>

/* Read the acceleration in g and the turn rate in degrees/s. Return false when the sensor does not answer or has no new
 * sample; a sensor that was disconnected is set up again. */
bool lsm6ds3_read(float acceleration[3], float rate[3]);

#endif
