/* The beam of service/streams/words/beam.py, of which this computes the same, bit by bit: what the files of this folder
 * share. native_search.py mirrors `struct search` and `struct ended`.
 */
#ifndef SCALEGLOVE_BEAM_H
#define SCALEGLOVE_BEAM_H

#include <stdint.h>

enum {
    WIDTH = 32,                                     /* hypotheses kept of each of the two models */
    RETRIED = 8,                                    /* of each, for which a missed or a doubled letter is considered */
    ALIKE = 2,                                      /* candidates for each that is kept */
    KEPT = 2 * WIDTH,                               /* hypotheses of a beam */
    ADDED = 2 * RETRIED,                            /* of a beam, with a letter that had no hold */
    CONSIDERED = KEPT + ADDED,                      /* hypotheses before a hold */
    CANDIDATES = 2 * ALIKE * WIDTH + KEPT + CONSIDERED, /* after it: a letter, two of them, or none */
    MAX_LETTERS = 32,                               /* of a language */
    MAX_HOLDS = 128,                                /* of a word */
    LONGEST = 3 * MAX_HOLDS + 1,                    /* letters of a word: two of each hold, one before it, and one more */
    TRACED = 12,                                    /* ends that are followed back to their spellings */
    OPEN = -1,                                      /* a node: the hypothesis is in the letter model */
    START = 0,                                      /* the context of a word's first letter */
    NO_HOLD = 255,                                  /* the source of a letter that had none */
};

/* A language and what is weighed. */
struct search {
    const int8_t *letter;          /* [nodes] of the tree: by which each is reached */
    const float *end, *best;       /* [nodes] */
    const int32_t *first, *children;
    const float *rows;             /* [][base] of the letter model */
    const int32_t *row_of;         /* [codes] */
    const int32_t *endings_after;  /* [letters] */
    const int32_t *labels;         /* [letters]: of the vocabulary; -1: it lacks the letter */
    double log_listed, log_other;  /* of a word: that it is of the list, that it is not */
    double log_followed, log_last; /* of an entry: that an ending follows, that none does */
    double log_space;              /* of a word: that another one follows without a rest */
    double language;               /* factor of the language's logarithms */
    double sharpness;              /* factor of a hold's scores */
    double missed, false_letter, again, doubled, unwritten; /* costs */
    double most_after;             /* at least the highest of `rows` */
    int32_t root, letters, base, codes;
};

struct hypothesis {
    double language, score;
    uint64_t spelled;
    int32_t node, code;
    int16_t parent;
    int8_t letter;  /* the newest; -1: none yet */
    uint8_t listed;
    uint8_t added;  /* letters that the step added, all `letter` */
};

struct beam {
    int32_t size;
    struct hypothesis at[KEPT];
};

/* From where each hypothesis of a beam came: what following one back needs. */
struct step {
    uint8_t before;                 /* hypotheses of the beam before */
    uint8_t missed;                 /* of these with one letter more */
    uint8_t missed_parent[ADDED];
    int8_t missed_letter[ADDED];
    uint8_t parent[KEPT], added[KEPT];
    int8_t letter[KEPT];
};

/* A spelling at the end of a word. */
struct ended {
    double total;
    int32_t listed, letters;
    int8_t letter[LONGEST];
    uint8_t source[LONGEST]; /* the hold of each letter, or NO_HOLD */
};

/* steps.c */
void start(const struct search *search, struct beam *beam);
int with_missed(const struct search *search, const struct beam *beam, struct hypothesis *considered);
void push(const struct search *search, struct beam *beam, struct step *step, const double *emission, int is_letter);
void push_unwritten(const struct search *search, struct beam *beam, struct step *step, const double *emission);

/* letters.c */
int extended(const struct search *search, const struct hypothesis *from, int size, const double *emission, int most,
             int again, struct hypothesis *more, double *priority);
double entry_end(const struct search *search, const struct hypothesis *hypothesis);
double word_end(const struct search *search, const struct hypothesis *hypothesis, double entry_end);

/* row.c */
double log_listed(const struct search *search, const int8_t *row, int size);
double log_other(const struct search *search, const int8_t *row, int size);

/* ranking.c */

/* The highest of many values, those that come first among equal ones; as a heap, the lowest at its root. */
struct highest {
    int size, most;
    double value[ALIKE * WIDTH];
    int32_t number[ALIKE * WIDTH]; /* the place of each in the order in which they came */
    uint8_t slot[ALIKE * WIDTH];   /* of what belongs to each, from 0 to `most` */
};

int take(struct highest *kept, double value, int32_t number);
int best(const struct hypothesis *from, int size, const double *priority, int most, uint16_t *order);
double priority_of(const struct search *search, const struct hypothesis *hypothesis);

/* Whether a value that comes later is none of the highest. */
static inline int is_too_low(const struct highest *kept, double value)
{
    return kept->size == kept->most && value <= kept->value[0];
}

#endif
