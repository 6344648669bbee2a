#include "command.h"

#include "words.h"

void sg_command_start(struct sg_command_line *line)
{
    line->size = 0;
    line->too_long = false;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Read digits as a number of at most `limit`. */
static bool read_whole(struct sg_words words, uint32_t limit, uint32_t *value)
{
    *value = 0;
    for (size_t i = 0; i < words.size; i++) {
        if (!is_digit(words.text[i])) {
            return false;
        }
        *value = *value * 10 + (uint32_t)(words.text[i] - '0');
        if (*value > limit) {
            return false;
        }
    }
    return words.size > 0;
}

/* Read decimals as thousandths, "5" as 500; the fourth rounds. */
static bool read_decimals(struct sg_words words, uint32_t *thousandths)
{
    uint32_t place = 100;
    *thousandths = 0;
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

/* Read milliseconds with or without decimals as microseconds. */
static bool read_interval(struct sg_words words, uint32_t *interval_us)
{
    uint32_t ms, thousandths = 0;
    bool has_decimals;
    const struct sg_words whole = sg_words_take(&words, '.', &has_decimals);
    if (!read_whole(whole, SG_INTERVAL_MAX_US / 1000, &ms) || (has_decimals && !read_decimals(words, &thousandths))) {
        return false;
    }
    *interval_us = ms * 1000 + thousandths;
    return *interval_us >= SG_INTERVAL_MIN_US && *interval_us <= SG_INTERVAL_MAX_US;
}

static enum sg_command_kind read_plain(struct sg_words name)
{
    if (sg_words_equal(name, "header")) {
        return SG_COMMAND_HEADER;
    }
    if (sg_words_equal(name, "recal")) {
        return SG_COMMAND_RECAL;
    }
    if (sg_words_equal(name, "labels")) {
        return SG_COMMAND_LABELS;
    }
    return sg_words_equal(name, "yawzero") ? SG_COMMAND_YAWZERO : SG_COMMAND_UNKNOWN;
}

static enum sg_command_kind read_format(struct sg_words argument, enum sg_format *format)
{
    *format = sg_words_equal(argument, "binary") ? SG_FORMAT_BINARY : SG_FORMAT_TEXT;
    const bool known = *format == SG_FORMAT_BINARY || sg_words_equal(argument, "text");
    return known ? SG_COMMAND_FORMAT : SG_COMMAND_FORMAT_REFUSED;
}

static enum sg_command_kind read_letters(struct sg_words argument, enum sg_letters *letters)
{
    static const char *const names[] = {
        [SG_LETTERS_OFF] = "off", [SG_LETTERS_ON] = "on", [SG_LETTERS_ONLY] = "only"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sg_words_equal(argument, names[i])) {
            *letters = (enum sg_letters)i;
            return SG_COMMAND_LETTERS;
        }
    }
    return SG_COMMAND_LETTERS_REFUSED;
}

static struct sg_command read_command(struct sg_words line)
{
    struct sg_command command = {.kind = SG_COMMAND_UNKNOWN};
    bool has_argument;
    const struct sg_words name = sg_words_take(&line, ',', &has_argument);
    const struct sg_words argument = sg_words_strip(line);
    if (sg_words_equal(name, "interval")) {
        const bool read = read_interval(argument, &command.interval_us);
        command.kind = read ? SG_COMMAND_INTERVAL : SG_COMMAND_INTERVAL_REFUSED;
    } else if (sg_words_equal(name, "format")) {
        command.kind = read_format(argument, &command.format);
    } else if (sg_words_equal(name, "letters")) {
        command.kind = read_letters(argument, &command.letters);
    } else if (!has_argument) {
        command.kind = read_plain(name);
    }
    return command;
}

/* Read the line that has ended; return false for a blank one. */
static bool end_line(struct sg_command_line *line, struct sg_command *command)
{
    const struct sg_words words = sg_words_strip((struct sg_words){line->text, line->size});
    const bool too_long = line->too_long;
    sg_command_start(line);
    if (too_long) {
        *command = (struct sg_command){.kind = SG_COMMAND_UNKNOWN};
    } else if (words.size > 0) {
        *command = read_command(words);
    }
    return too_long || words.size > 0;
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
