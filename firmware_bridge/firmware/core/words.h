/* A piece of text in memory that is owned elsewhere. */
#ifndef SG_WORDS_H
#define SG_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct sg_words {
    const char *text;
    size_t size;
};

/* Strip blanks (space, \t \n \v \f \r) from both ends. */
struct sg_words sg_words_strip(struct sg_words words);

/* Whether the words equal `expected`. */
bool sg_words_equal(struct sg_words words, const char *expected);

/* Take the words before the first `separator`, or all of them when there is none; *separated tells which. */
struct sg_words sg_words_take(struct sg_words *words, char separator, bool *separated);

#endif
