#include "header_field.h"

#include <string.h>

#include "frame.h"
#include "number_reader.h"

enum { DIGITS_MAX = 9 };

static const struct {
    const char *name;
    int column; /* an enum sg_column */
} COLUMNS[] = {{"flex1", 0},
               {"flex2", 1},
               {"flex3", 2},
               {"flex4", 3},
               {"flex5", 4},
               {"pitch", 5},
               {"roll", 6},
               {"yaw", 7},
               {"accel_x", SG_COLUMN_ACCELERATION},
               {"accel_y", SG_COLUMN_ACCELERATION + 1},
               {"accel_z", SG_COLUMN_ACCELERATION + 2},
               {"timestamp", SG_COLUMN_TIME},
               {"timestamp_ms", SG_COLUMN_TIME},
               {"time_ms", SG_COLUMN_TIME},
               {"t_ms", SG_COLUMN_TIME}};
enum { NAMES = sizeof COLUMNS / sizeof *COLUMNS, SPELLINGS_MAX = 5 };

/* The spellings of a frame's units; none is converted. */
static const char *const COUNTS[SPELLINGS_MAX] = {"adc", "count", "counts", "raw", "lsb"};
static const char *const DEGREES[SPELLINGS_MAX] = {"deg", "degs", "degree", "degrees"};
static const char *const GRAVITIES[SPELLINGS_MAX] = {"g"};
static const char *const MILLISECONDS[SPELLINGS_MAX] = {"ms", "msec", "millis", "millisecond", "milliseconds"};
static const char *const NOT_NAMES[SPELLINGS_MAX] = {"nan", "inf", "infinity", "ovf"};

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

static bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool equal_in_any_case(struct sg_words text, const char *expected)
{
    bool equal = text.size == strlen(expected);
    for (size_t i = 0; equal && i < text.size; i++) {
        equal = lower(text.text[i]) == expected[i];
    }
    return equal;
}

static bool is_one_of(struct sg_words text, const char *const spellings[SPELLINGS_MAX])
{
    for (int i = 0; i < SPELLINGS_MAX && spellings[i]; i++) {
        if (equal_in_any_case(text, spellings[i])) {
            return true;
        }
    }
    return false;
}

bool sg_header_field_is_name(struct sg_words field)
{
    if (field.size == 0 || !(is_letter(field.text[0]) || field.text[0] == '_')) {
        return false;
    }
    for (size_t i = 1; i < field.size; i++) {
        const char c = field.text[i];
        if (c == 0 || !(is_letter(c) || is_digit(c) || strchr("_. ()[]/-", c))) {
            return false;
        }
    }
    return !is_one_of(field, NOT_NAMES);
}

static const char *const *units_of(enum sg_column column)
{
    if (column < (enum sg_column)SG_FINGERS) {
        return COUNTS;
    }
    return column < SG_COLUMN_ACCELERATION ? DEGREES : column < SG_COLUMN_TIME ? GRAVITIES : MILLISECONDS;
}

static struct sg_words part(struct sg_words text, size_t from, size_t to)
{
    return (struct sg_words){text.text + from, to - from};
}

static struct sg_words without_blanks(struct sg_words text)
{
    while (text.size > 0 && text.text[0] == ' ') {
        text = part(text, 1, text.size);
    }
    while (text.size > 0 && text.text[text.size - 1] == ' ') {
        text.size--;
    }
    return text;
}

static enum sg_column column_named(struct sg_words name)
{
    for (int i = 0; i < NAMES; i++) {
        if (equal_in_any_case(name, COLUMNS[i].name)) {
            return (enum sg_column)COLUMNS[i].column;
        }
    }
    return SG_NO_COLUMN;
}

/* Return the column of a name with its unit behind it, or without. */
static enum sg_column column_of(struct sg_words text)
{
    const enum sg_column column = column_named(text);
    size_t joint = text.size;
    while (joint > 0 && text.text[joint - 1] != '_' && text.text[joint - 1] != ' ') {
        joint--;
    }
    if (column != SG_NO_COLUMN || joint == 0) {
        return column;
    }
    const enum sg_column suffixed = column_named(part(text, 0, joint - 1));
    const bool suits = suffixed != SG_NO_COLUMN && is_one_of(part(text, joint, text.size), units_of(suffixed));
    return suits ? suffixed : SG_NO_COLUMN;
}

static size_t count_digits(struct sg_words text)
{
    size_t count = 0;
    while (count < text.size && is_digit(text.text[count])) {
        count++;
    }
    return count;
}

/* Take a number of up to 9 digits, with or without up to 9 decimals, and the blanks behind it. */
static bool take_number(struct sg_words *text, double *number)
{
    size_t end = text->size > 0 && text->text[0] == '-';
    const size_t digits = count_digits(part(*text, end, text->size));
    end += digits;
    if (digits == 0 || digits > DIGITS_MAX) {
        return false;
    }
    if (end < text->size && text->text[end] == '.') {
        const size_t decimals = count_digits(part(*text, end + 1, text->size));
        if (decimals > DIGITS_MAX) {
            return false;
        }
        end += decimals > 0 ? decimals + 1 : 0;
    }
    const bool is_read = sg_number_read(part(*text, 0, end), number) == SG_FAULT_NONE;
    *text = without_blanks(part(*text, end, text->size));
    return is_read;
}

/* Take `lo..hi` where the text begins with a number; return false where it is not the beginning of a range. */
static bool take_range(struct sg_words *text, struct sg_range *range)
{
    double first, second;
    if (text->size == 0 || is_letter(text->text[0])) {
        return true;
    }
    if (!take_number(text, &first) || text->size < 2 || memcmp(text->text, "..", 2) != 0) {
        return false;
    }
    *text = without_blanks(part(*text, 2, text->size));
    if (!take_number(text, &second)) {
        return false;
    }
    if (first != second) {
        *range = (struct sg_range){first < second ? first : second, first < second ? second : first};
    }
    return true;
}

/* Find the brackets that end the field; return false where it is not a name with one pair of them. */
static bool split_brackets(struct sg_words field, struct sg_words *name, struct sg_words *inside)
{
    size_t open = 0;
    while (open < field.size && !strchr("()[]", field.text[open])) {
        open++;
    }
    if (open + 1 >= field.size || field.text[field.size - 1] != (field.text[open] == '(' ? ')' : ']') ||
        field.text[open] == ')' || field.text[open] == ']') {
        return false;
    }
    for (size_t i = open + 1; i + 1 < field.size; i++) {
        if (strchr("()[]", field.text[i])) {
            return false;
        }
    }
    *name = without_blanks(part(field, 0, open));
    *inside = without_blanks(part(field, open + 1, field.size - 1));
    return true;
}

enum sg_column sg_header_field_read(struct sg_words field, struct sg_range *range)
{
    struct sg_words name = field, inside = {NULL, 0};
    struct sg_range said = {0.0, 0.0};
    *range = said;
    if (!split_brackets(field, &name, &inside)) {
        return column_of(field);
    }
    const enum sg_column column = column_of(name);
    if (column == SG_NO_COLUMN || !take_range(&inside, &said) ||
        (inside.size > 0 && !is_one_of(inside, units_of(column)))) {
        return SG_NO_COLUMN;
    }
    *range = said;
    return column;
}
