/* Numbers as text without printf, which would take 20 KB of flash and a heap. Each function returns the end of its
 * text; none writes a final zero. */
#ifndef SG_NUMBER_H
#define SG_NUMBER_H

#include <stdint.h>

/* Write thousandths with their 3 decimals: 20000 is "20.000". At most 11 characters. */
char *sg_number_write_thousandths(char *text, uint32_t thousandths);

/* Write thousandths without trailing zeros: 20000 is "20", 2500 is "2.5". */
char *sg_number_write_thousandths_short(char *text, uint32_t thousandths);

/* Write a value of less than 2^32 in magnitude, rounded to `decimals` (1 to 3), halves away from 0. Values up to a
 * million take at most 9 + decimals characters. */
char *sg_number_write_fixed(char *text, float value, unsigned decimals);

#endif
