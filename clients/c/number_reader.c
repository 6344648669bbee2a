#include "number_reader.h"

#include <math.h>
#include <stdint.h>

/* Decimal digits and a power of ten; digits past the 19th only move the exponent. */
struct decimal {
    uint64_t digits;
    int32_t exponent;
    bool any;
};

enum { EXPONENT_LIMIT = 100000 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

static void skip(struct sg_words *words)
{
    words->text++;
    words->size--;
}

/* Take a sign; true for minus. */
static bool take_sign(struct sg_words *words)
{
    const bool minus = words->size > 0 && words->text[0] == '-';
    if (minus || (words->size > 0 && words->text[0] == '+')) {
        skip(words);
    }
    return minus;
}

static bool equal_in_any_case(struct sg_words words, const char *expected)
{
    for (size_t i = 0; i < words.size; i++) {
        if (lower(words.text[i]) != expected[i]) { /* its final zero differs too */
            return false;
        }
    }
    return expected[words.size] == 0;
}

static bool is_not_finite(struct sg_words words)
{
    return equal_in_any_case(words, "nan") || equal_in_any_case(words, "inf") ||
           equal_in_any_case(words, "infinity") || equal_in_any_case(words, "ovf");
}

/* Take digits; each moves the exponent by `shift`. */
static void take_digits(struct sg_words *words, struct decimal *number, int32_t shift)
{
    for (; words->size > 0 && is_digit(words->text[0]); skip(words)) {
        number->any = true;
        if (number->digits < UINT64_C(100000000000000000)) {
            number->digits = number->digits * 10 + (uint64_t)(words->text[0] - '0');
            number->exponent += shift;
        } else {
            number->exponent += 1 + shift;
        }
    }
}

/* Take an exponent behind an e; return false when it has no digits. */
static bool take_exponent(struct sg_words *words, struct decimal *number)
{
    int32_t exponent = 0;
    const bool minus = take_sign(words);
    const bool any = words->size > 0 && is_digit(words->text[0]);
    for (; words->size > 0 && is_digit(words->text[0]); skip(words)) {
        exponent = exponent < EXPONENT_LIMIT ? exponent * 10 + (words->text[0] - '0') : exponent;
    }
    number->exponent += minus ? -exponent : exponent;
    return any;
}

static double power_of_ten(int32_t exponent)
{
    double power = 1.0, square = 10.0;
    for (; exponent > 0; exponent /= 2) {
        power *= exponent % 2 ? square : 1.0;
        square *= square;
    }
    return power;
}

/* digits * 10^exponent, in steps that neither overflow nor vanish on the way. */
static double scaled(const struct decimal *number)
{
    enum { STEP = 300 };
    double value = (double)number->digits;
    int32_t exponent = number->exponent;
    if (number->digits == 0) {
        return 0.0;
    }
    for (; exponent > STEP && isfinite(value); exponent -= STEP) {
        value *= power_of_ten(STEP);
    }
    for (; exponent < -STEP && value > 0.0; exponent += STEP) {
        value /= power_of_ten(STEP);
    }
    if (exponent > 0) {
        return exponent > STEP ? value : value * power_of_ten(exponent);
    }
    return exponent < -STEP ? value : value / power_of_ten(-exponent);
}

static bool are_digits(struct sg_words words, size_t most)
{
    for (size_t i = 0; i < words.size; i++) {
        if (!is_digit(words.text[i])) {
            return false;
        }
    }
    return words.size >= 1 && words.size <= most;
}

bool sg_number_is_plain(struct sg_words words, size_t digits_max, size_t decimals_max)
{
    bool has_decimals;
    const struct sg_words whole = sg_words_take(&words, '.', &has_decimals);
    return are_digits(whole, digits_max) && (!has_decimals || are_digits(words, decimals_max));
}

enum sg_fault sg_number_read(struct sg_words words, double *value)
{
    struct decimal number = {0, 0, false};
    const bool minus = take_sign(&words);
    if (is_not_finite(words)) {
        return SG_FAULT_FINITE;
    }
    take_digits(&words, &number, 0);
    if (words.size > 0 && words.text[0] == '.') {
        skip(&words);
        take_digits(&words, &number, -1);
    }
    if (number.any && words.size > 0 && lower(words.text[0]) == 'e') {
        skip(&words);
        number.any = take_exponent(&words, &number);
    }
    if (!number.any || words.size > 0) {
        return SG_FAULT_NUMBER;
    }
    *value = scaled(&number);
    *value = minus ? -*value : *value;
    return isfinite(*value) ? SG_FAULT_NONE : SG_FAULT_RANGE;
}
