/* A piece of a line, by its place in memory that belongs to somebody else. */
#ifndef SG_WORDS_H
#define SG_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct sg_words {
    const char *text;
    size_t size;
};

/* The words without the blanks (space, \t \n \v \f \r) around them. */
struct sg_words sg_words_strip(struct sg_words words);

/* Whether the words are exactly this. */
bool sg_words_equal(struct sg_words words, const char *expected);

/* Take off and give what stands before the first `separator`, all of it when there is none; *separated tells. */
struct sg_words sg_words_take(struct sg_words *words, char separator, bool *separated);

#endif
