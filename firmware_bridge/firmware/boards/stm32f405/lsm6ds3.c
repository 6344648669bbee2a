/* Registers and constants: ST DocID026899, LSM6DS3 data sheet. */
#include "lsm6ds3.h"

#include <stdint.h>

#include "i2c.h"

enum { ADDRESS = 0x6A };
enum { WHO_AM_I = 0x0F, CTRL1_XL = 0x10, CTRL2_G = 0x11, CTRL3_C = 0x12, STATUS_REG = 0x1E, OUTX_L_G = 0x22 };
enum { IS_LSM6DS3 = 0x69 };
/* 1.66 kHz, above the core's highest rate of 1 kHz: there is always a new sample. */
enum { ACCELERATION_1660_HZ_4_G = 0x88, RATE_1660_HZ_2000_DPS = 0x8C };
enum { WHOLE_SAMPLES_AND_COUNTING_UP = 0x44 };
enum { BOTH_NEW = 3 };
static const float G_PER_LSB = 0.122e-3f, DEGREES_PER_S_PER_LSB = 70e-3f;

static bool set_up;

static bool start(void)
{
    uint8_t identity;
    return i2c_read(ADDRESS, WHO_AM_I, &identity, 1) && identity == IS_LSM6DS3 &&
           i2c_write(ADDRESS, CTRL3_C, WHOLE_SAMPLES_AND_COUNTING_UP) &&
           i2c_write(ADDRESS, CTRL1_XL, ACCELERATION_1660_HZ_4_G) &&
           i2c_write(ADDRESS, CTRL2_G, RATE_1660_HZ_2000_DPS);
}

static float signed_value(const uint8_t *bytes) { return (float)(int16_t)(bytes[0] | bytes[1] << 8); }

bool lsm6ds3_read(float acceleration[3], float rate[3])
{
    uint8_t status, bytes[12];
    set_up = set_up || start();
    set_up = set_up && i2c_read(ADDRESS, STATUS_REG, &status, 1);
    if (!set_up || (status & BOTH_NEW) != BOTH_NEW) {
        return false;
    }
    set_up = i2c_read(ADDRESS, OUTX_L_G, bytes, sizeof bytes);
    for (int axis = 0; set_up && axis < 3; axis++) {
        rate[axis] = signed_value(bytes + 2 * axis) * DEGREES_PER_S_PER_LSB;
        acceleration[axis] = signed_value(bytes + 6 + 2 * axis) * G_PER_LSB;
    }
    return set_up;
}
