#include "remark_reader.h"

#include <string.h>

#include "command.h"
#include "number_reader.h"

enum { INTERVAL_DIGITS_MAX = 4, INTERVAL_DECIMALS_MAX = 3 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

static bool is_key(struct sg_words words)
{
    for (size_t i = 0; i < words.size; i++) {
        const char c = words.text[i];
        if (!is_lower(c) && (i == 0 || (!is_digit(c) && c != '_'))) {
            return false;
        }
    }
    return words.size > 0;
}

static bool is_value(struct sg_words words)
{
    for (size_t i = 0; i < words.size; i++) {
        const char c = words.text[i];
        if (!is_lower(c) && !(c >= 'A' && c <= 'Z') && !is_digit(c) && (c == 0 || !strchr("_.+-", c))) {
            return false;
        }
    }
    return words.size > 0;
}

static bool same(struct sg_words one, struct sg_words other)
{
    return one.size == other.size && memcmp(one.text, other.text, one.size) == 0;
}

static bool add_value(struct sg_event *event, struct sg_words key, struct sg_words value)
{
    if (!is_key(key) || !is_value(value) || event->value_count == SG_REMARK_VALUES_MAX) {
        return false;
    }
    for (size_t i = 0; i < event->value_count; i++) {
        if (same(event->remark_values[i].key, key)) {
            return false;
        }
    }
    event->remark_values[event->value_count++] = (struct sg_remark_value){key, value};
    return true;
}

/* Read all of the head as values; return false, and leave the event without values, when any part of it is none. */
static bool read_values(struct sg_words head, struct sg_event *event)
{
    for (bool more = true, has_value; more;) {
        struct sg_words value = sg_words_take(&head, ' ', &more);
        const struct sg_words key = sg_words_take(&value, '=', &has_value);
        if (!has_value || !add_value(event, key, value)) {
            event->value_count = 0;
            return false;
        }
    }
    return true;
}

static struct sg_words words_of(const char *text) { return (struct sg_words){text, strlen(text)}; }

/* As in "20" or "2.5". */
static bool is_interval(struct sg_words number)
{
    return sg_number_is_plain(number, INTERVAL_DIGITS_MAX, INTERVAL_DECIMALS_MAX);
}

/* Remarks of firmware before 0.2.0, which has words alone. */
static void read_form_before_0_2_0(struct sg_words remark, struct sg_event *event)
{
    static const struct {
        const char *begin;
        bool whole; /* nothing follows */
        const char *key, *value;
    } forms[] = {
        {"letters on", true, "letters", "on"},
        {"letters only", true, "letters", "only"},
        {"letters off", true, "letters", "off"},
        {"unknown command", false, "error", "unknown_command"},
        {"interval takes", false, "error", "interval_out_of_range"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const size_t size = strlen(forms[i].begin);
        if (remark.size >= size && (!forms[i].whole || remark.size == size) &&
            memcmp(remark.text, forms[i].begin, size) == 0) {
            add_value(event, words_of(forms[i].key), words_of(forms[i].value));
            return;
        }
    }
    bool has_unit;
    const struct sg_words number = sg_words_take(&remark, ' ', &has_unit);
    if (has_unit && is_interval(number) && sg_words_equal(remark, "ms between frames")) {
        add_value(event, words_of("interval_ms"), number);
    }
}

struct sg_event sg_remark_read(struct sg_words remark)
{
    struct sg_event event = {.kind = SG_EVENT_REMARK};
    bool has_words;
    remark = sg_words_strip(remark);
    struct sg_words words = remark;
    const struct sg_words head = sg_words_take(&words, ';', &has_words);
    words = sg_words_strip(words);
    if (read_values(head, &event)) {
        event.words = words.size > 0 ? words : head;
    } else {
        event.words = remark;
        read_form_before_0_2_0(remark, &event);
    }
    return event;
}

bool sg_remark_value(const struct sg_event *remark, const char *key, struct sg_words *value)
{
    for (size_t i = 0; i < remark->value_count; i++) {
        if (sg_words_equal(remark->remark_values[i].key, key)) {
            *value = remark->remark_values[i].value;
            return true;
        }
    }
    return false;
}

bool sg_remark_interval(const struct sg_event *remark, double *ms)
{
    struct sg_words number;
    return sg_remark_value(remark, "interval_ms", &number) && is_interval(number) &&
           sg_number_read(number, ms) == SG_FAULT_NONE && *ms >= SG_INTERVAL_MIN_US / 1000.0 &&
           *ms <= SG_INTERVAL_MAX_US / 1000.0;
}
