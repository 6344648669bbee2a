/* Numbers as text without printf, which would take 20 KB of flash and a heap. Each gives the end of what it wrote;
 * nothing is ended by a zero. */
#ifndef SG_NUMBER_H
#define SG_NUMBER_H

#include <stdint.h>

/* Thousandths with their 3 decimals: 20000 is "20.000". At most 11 characters. */
char *sg_number_write_thousandths(char *text, uint32_t thousandths);

/* The same without zeros at the end: 20000 is "20", 2500 is "2.5". */
char *sg_number_write_thousandths_short(char *text, uint32_t thousandths);

/* A value of less than 2^32 in magnitude, rounded to `decimals` (1 to 3), halves away from 0. Of values
 * up to a million at most 9 + decimals characters. */
char *sg_number_write_fixed(char *text, float value, unsigned decimals);

#endif
