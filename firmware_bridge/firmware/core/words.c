#include "words.h"

#include <string.h>

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct sg_words sg_words_strip(struct sg_words words)
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

bool sg_words_equal(struct sg_words words, const char *expected)
{
    return words.size == strlen(expected) && memcmp(words.text, expected, words.size) == 0;
}

struct sg_words sg_words_take(struct sg_words *words, char separator, bool *separated)
{
    const char *place = words->size > 0 ? memchr(words->text, separator, words->size) : NULL;
    const struct sg_words taken = {words->text, place ? (size_t)(place - words->text) : words->size};
    const size_t passed = taken.size + (place ? 1 : 0);
    words->text += passed;
    words->size -= passed;
    *separated = place != NULL;
    return taken;
}
