/* Plain text messages of frames, such as {"type":"frames","seq":7,"t_ms":[140],"values":[[1,2,3,4,5,6,7,null]]}.

   What a glove's client usually sends is read; all else, valid or not, is left to scaleglove.protocol.decode_text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "intake.h"

enum { LONGEST_NUMBER = 64, MOST_DECIMALS = 22, MOST_DIGITS = 18 };

static const double TENS[MOST_DECIMALS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct text {
    const char *at, *end;
};

static bool is_digit(const struct text *text)
{
    return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

static void skip_blanks(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\n' || *text->at == '\r' || *text->at == '\t'))
        text->at++;
}

/* Passes over a character and blanks before it; returns whether it is there. */
static bool pass(struct text *text, char expected)
{
    skip_blanks(text);
    if (text->at == text->end || *text->at != expected)
        return false;
    text->at++;
    return true;
}

static bool pass_word(struct text *text, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(text);
    if ((size_t)(text->end - text->at) < length || memcmp(text->at, word, length) != 0)
        return false;
    text->at += length;
    return true;
}

/* Passes over digits; appends them to `digits` as long as that is exact. Returns their number. */
static int pass_digits(struct text *text, uint64_t *digits, int *significant)
{
    int count = 0;
    for (; is_digit(text); text->at++, count++) {
        if (*significant < MOST_DIGITS)
            *digits = *digits * 10 + (uint64_t)(*text->at - '0');
        *significant += *digits != 0;
    }
    return count;
}

/* Reads a number of JSON, rounded to the nearest double. */
static bool read_number(struct text *text, double *number)
{
    skip_blanks(text);
    const char *begin = text->at;
    bool is_negative = text->at < text->end && *text->at == '-';
    text->at += is_negative;
    uint64_t digits = 0;
    int significant = 0, decimals = 0;
    bool has_exponent = false;
    const char *whole = text->at;
    int whole_digits = pass_digits(text, &digits, &significant);
    if (whole_digits == 0 || (*whole == '0' && whole_digits > 1))
        return false;
    if (text->at < text->end && *text->at == '.') {
        text->at++;
        decimals = pass_digits(text, &digits, &significant);
        if (decimals == 0)
            return false;
    }
    if (text->at < text->end && (*text->at == 'e' || *text->at == 'E')) {
        text->at++;
        has_exponent = true;
        if (text->at < text->end && (*text->at == '+' || *text->at == '-'))
            text->at++;
        uint64_t ignored = 0;
        int none = 0;
        if (pass_digits(text, &ignored, &none) == 0)
            return false;
    }
    /* Another character follows, or the message is not valid: what reads a number further stops there. */
    if (text->at == text->end || text->at - begin > LONGEST_NUMBER)
        return false;
    if (!has_exponent && digits <= (uint64_t)1 << 53 && significant <= MOST_DIGITS && decimals <= MOST_DECIMALS) {
        *number = (double)digits / TENS[decimals]; /* both are exact, so the quotient is rounded once */
        if (is_negative)
            *number = -*number;
    } else {
        char *stopped;
        *number = strtod(begin, &stopped);
        if (stopped != text->at) /* another decimal point in this locale */
            return false;
    }
    return *number != 0 || !is_negative || decimals || has_exponent; /* whether -0 keeps its sign is Python's to say */
}

static bool read_seq(struct text *text, uint32_t *seq)
{
    skip_blanks(text);
    const char *begin = text->at;
    uint64_t digits = 0;
    int significant = 0;
    int count = pass_digits(text, &digits, &significant);
    if (count == 0 || count > 10 || (*begin == '0' && count > 1) || digits > UINT32_MAX)
        return false;
    *seq = (uint32_t)digits;
    return true;
}

static bool read_times(struct text *text, const struct sg_rules *rules, uint8_t *frames, uint32_t *count)
{
    *count = 0;
    if (!pass(text, '['))
        return false;
    do {
        double t_ms;
        if (*count == rules->most_frames || !read_number(text, &t_ms) || !(0 <= t_ms && t_ms < rules->max_time_ms))
            return false;
        memcpy(frames + *count * SG_WIDE, &t_ms, sizeof t_ms);
        ++*count;
    } while (pass(text, ','));
    return pass(text, ']');
}

static bool read_row(struct text *text, const struct sg_rules *rules, uint8_t *values)
{
    if (!pass(text, '['))
        return false;
    for (int channel = 0; channel < SG_CHANNELS; channel++) {
        double number = NAN; /* a sensor that the glove does not have */
        if (channel > 0 && !pass(text, ','))
            return false;
        if (!pass_word(text, "null") && (!read_number(text, &number) || !(fabs(number) <= rules->max_magnitude)))
            return false;
        float value = (float)number;
        memcpy(values + (size_t)channel * sizeof value, &value, sizeof value);
    }
    return pass(text, ']');
}

static bool read_rows(struct text *text, const struct sg_rules *rules, uint8_t *frames, uint32_t *count)
{
    *count = 0;
    if (!pass(text, '['))
        return false;
    do {
        if (*count == rules->most_frames || !read_row(text, rules, frames + *count * SG_WIDE + sizeof(double)))
            return false;
        ++*count;
    } while (pass(text, ','));
    return pass(text, ']');
}

uint64_t scaleglove_read_text(const struct sg_rules *rules, const char *data, uint64_t size, uint8_t *wide)
{
    struct text text = {data, data + size};
    uint8_t *frames = wide + SG_HEADER;
    uint32_t seq = 0, times = 0, rows = 0;
    bool has_type = false, has_seq = false;
    if (!pass(&text, '{'))
        return 0;
    do {
        bool is_read = false;
        if (!has_type && pass_word(&text, "\"type\""))
            is_read = has_type = pass(&text, ':') && pass_word(&text, "\"frames\"");
        else if (!has_seq && pass_word(&text, "\"seq\""))
            is_read = has_seq = pass(&text, ':') && read_seq(&text, &seq);
        else if (!times && pass_word(&text, "\"t_ms\""))
            is_read = pass(&text, ':') && read_times(&text, rules, frames, &times);
        else if (!rows && pass_word(&text, "\"values\""))
            is_read = pass(&text, ':') && read_rows(&text, rules, frames, &rows);
        if (!is_read)
            return 0;
    } while (pass(&text, ','));
    bool is_whole = pass(&text, '}');
    skip_blanks(&text);
    if (!is_whole || text.at != text.end || !has_type || !has_seq || times == 0 || times != rows)
        return 0;
    uint16_t count = (uint16_t)times;
    wide[0] = wide[1] = 1;
    memcpy(wide + 2, &count, sizeof count);
    memcpy(wide + 4, &seq, sizeof seq);
    return SG_HEADER + (uint64_t)times * SG_WIDE;
}
