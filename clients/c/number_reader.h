/* Decimal numbers in text, without strtod and its locale. */
#ifndef SG_NUMBER_READER_H
#define SG_NUMBER_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "fault.h"
#include "words.h"

/* Read all of the words, as in "-12.5e-3", into *value. Up to 15 digits with a power of ten within 1e+-22 give the
 * nearest double (W. Clinger, PLDI 1990, the case that needs no more); others one within 1e-15 of it.
 * Faults: FINITE for nan, inf, infinity and Arduino's ovf; NUMBER for other words; RANGE beyond all doubles. */
enum sg_fault sg_number_read(struct sg_words words, double *value);

/* Whether the words are digits, at most `digits_max`, perhaps with a point and 1 to `decimals_max` decimals behind
 * them. */
bool sg_number_is_plain(struct sg_words words, size_t digits_max, size_t decimals_max);

#endif
