/* I2C 1 on PB6 (clock) and PB7 (data) at 400 kHz. Every wait has a time-out. */
#ifndef I2C_H
#define I2C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

void i2c_start(const struct clock *clock);

/* Write one register of the device at this 7-bit address. Return false when it does not answer. */
bool i2c_write(uint8_t address, uint8_t device_register, uint8_t value);

/* Read `size` registers, at least 1, from this one on. Return false when the device does not answer. */
bool i2c_read(uint8_t address, uint8_t device_register, uint8_t *bytes, size_t size);

#endif
