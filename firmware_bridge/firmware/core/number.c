#include "number.h"

#include <math.h>
#include <stdbool.h>

/* Write at least `digits` digits, with leading zeros. */
static char *write_digits(char *text, uint32_t value, unsigned digits)
{
    char reversed[10];
    unsigned count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || count < digits);
    while (count > 0) {
        *text++ = reversed[--count];
    }
    return text;
}

char *sg_number_write_thousandths(char *text, uint32_t thousandths)
{
    text = write_digits(text, thousandths / 1000, 1);
    *text++ = '.';
    return write_digits(text, thousandths % 1000, 3);
}

char *sg_number_write_thousandths_short(char *text, uint32_t thousandths)
{
    text = sg_number_write_thousandths(text, thousandths);
    while (text[-1] == '0') {
        text--;
    }
    return text[-1] == '.' ? text - 1 : text;
}

char *sg_number_write_fixed(char *text, float value, unsigned decimals)
{
    static const uint32_t POWERS[] = {1, 10, 100, 1000};
    const float magnitude = fabsf(value);
    uint32_t whole = (uint32_t)magnitude;
    /* Exact, unlike a multiplication of floats: a float that is not tiny has no bits beyond these. */
    enum { FRACTION_BITS = 44 };
    const uint64_t fraction = (uint64_t)ldexpf(magnitude - (float)whole, FRACTION_BITS);
    const uint64_t half = UINT64_C(1) << (FRACTION_BITS - 1);
    uint32_t units = (uint32_t)((fraction * POWERS[decimals] + half) >> FRACTION_BITS);
    if (units == POWERS[decimals]) {
        units = 0;
        whole++;
    }
    if (value < 0.0f && (whole > 0 || units > 0)) {
        *text++ = '-';
    }
    text = write_digits(text, whole, 1);
    *text++ = '.';
    return write_digits(text, units, decimals);
}
