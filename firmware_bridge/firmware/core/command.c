#include "command.h"

#include <string.h>

/* A piece of the line. */
struct words {
    const char *text;
    size_t size;
};

void sg_command_start(struct sg_command_line *line)
{
    line->size = 0;
    line->too_long = false;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static struct words strip(struct words words)
{
    while (words.size > 0 && is_blank(words.text[0])) {
        words.text++;
        words.size--;
    }
    while (words.size > 0 && is_blank(words.text[words.size - 1])) {
        words.size--;
    }
    return words;
}

static bool equal(struct words words, const char *expected)
{
    return words.size == strlen(expected) && memcmp(words.text, expected, words.size) == 0;
}

/* Take the digits at the front off the words into *value. False when there are none, or they go beyond `limit`. */
static bool take_whole(struct words *words, uint32_t *value, uint32_t limit)
{
    size_t count = 0;
    *value = 0;
    for (; count < words->size && is_digit(words->text[count]); count++) {
        *value = *value * 10 + (uint32_t)(words->text[count] - '0');
        if (*value > limit) {
            return false;
        }
    }
    words->text += count;
    words->size -= count;
    return count > 0;
}

/* Decimals as thousandths, "5" as 500; the fourth rounds. False when there is none, or anything but digits. */
static bool read_decimals(struct words words, uint32_t *thousandths)
{
    uint32_t place = 100;
    for (size_t i = 0; i < words.size; i++) {
        if (!is_digit(words.text[i])) {
            return false;
        }
        const uint32_t digit = (uint32_t)(words.text[i] - '0');
        *thousandths += i == 3 ? digit >= 5 : place * digit;
        place /= 10;
    }
    return words.size > 0;
}

/* Milliseconds with or without decimals as microseconds. */
static bool read_interval(struct words words, uint32_t *interval_us)
{
    uint32_t ms, decimals = 0;
    if (!take_whole(&words, &ms, SG_INTERVAL_MAX_US / 1000)) {
        return false;
    }
    if (words.size > 0) {
        if (words.text[0] != '.' || !read_decimals((struct words){words.text + 1, words.size - 1}, &decimals)) {
            return false;
        }
    }
    *interval_us = ms * 1000 + decimals;
    return *interval_us >= SG_INTERVAL_MIN_US && *interval_us <= SG_INTERVAL_MAX_US;
}

static struct sg_command read_command(struct words line)
{
    struct sg_command command = {.kind = SG_COMMAND_UNKNOWN};
    const char *comma = memchr(line.text, ',', line.size);
    const struct words name = {line.text, comma ? (size_t)(comma - line.text) : line.size};
    if (!comma) {
        command.kind = equal(name, "header")    ? SG_COMMAND_HEADER
                       : equal(name, "recal")   ? SG_COMMAND_RECAL
                       : equal(name, "yawzero") ? SG_COMMAND_YAWZERO
                                                : SG_COMMAND_UNKNOWN;
    }
    const struct words argument =
        comma ? strip((struct words){comma + 1, line.size - name.size - 1}) : (struct words){line.text, 0};
    if (equal(name, "interval")) {
        const bool read = read_interval(argument, &command.interval_us);
        command.kind = read ? SG_COMMAND_INTERVAL : SG_COMMAND_INTERVAL_REFUSED;
    }
    if (equal(name, "format")) {
        command.format = equal(argument, "binary") ? SG_FORMAT_BINARY : SG_FORMAT_TEXT;
        command.kind = command.format == SG_FORMAT_BINARY || equal(argument, "text") ? SG_COMMAND_FORMAT
                                                                                     : SG_COMMAND_FORMAT_REFUSED;
    }
    return command;
}

/* The line has ended. True when it was not blank. */
static bool end_line(struct sg_command_line *line, struct sg_command *command)
{
    const struct words words = strip((struct words){line->text, line->size});
    const bool too_long = line->too_long;
    sg_command_start(line);
    if (too_long) {
        *command = (struct sg_command){.kind = SG_COMMAND_UNKNOWN};
        return true;
    }
    if (words.size > 0) {
        *command = read_command(words);
    }
    return words.size > 0;
}

bool sg_command_take(struct sg_command_line *line, uint8_t byte, struct sg_command *command)
{
    if (byte == '\n') {
        return end_line(line, command);
    }
    if (line->size == SG_COMMAND_MAX) {
        line->too_long = true;
    } else {
        line->text[line->size++] = (char)byte;
    }
    return false;
}
