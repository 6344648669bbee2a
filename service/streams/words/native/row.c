/* The probability of a row of letters by itself: LanguageModel.log_listed and LetterModel.log_probability. */
#include <math.h>

#include "beam.h"

/* Where a row may be in the tree, and with what logarithm. */
struct reached {
    int size;
    int32_t node[MAX_HOLDS + 1];
    double logarithm[MAX_HOLDS + 1];
};

/* The child of a node by a letter; 0, which is nobody's child: there is none. */
static int32_t child(const struct search *search, int32_t node, int letter)
{
    const int32_t first = search->first[node], past = first + search->children[node];
    for (int32_t next = first; next < past; next++)
        if (search->letter[next] == letter)
            return next;
    return 0;
}

/* As a word of the list, with its endings; -inf: it is none. */
double log_listed(const struct search *search, const int8_t *row, int size)
{
    struct reached at = {.size = 1, .node = {search->root}, .logarithm = {0.0}};
    for (int place = 0; place < size; place++) {
        double best = -INFINITY;
        int kept = 0;
        for (int i = 0; i < at.size; i++) {
            const int32_t next = child(search, at.node[i], row[place]);
            if (!next)
                continue;
            at.node[kept] = next, at.logarithm[kept] = at.logarithm[i];
            best = fmax(best, at.logarithm[kept++] + search->end[next]);
        }
        at.size = kept;
        if (place == size - 1)
            return best + search->log_last;
        const int32_t ending = search->endings_after[row[place]];
        if (best > -INFINITY && ending >= 0)
            at.node[at.size] = ending, at.logarithm[at.size++] = best + search->log_followed;
    }
    return -INFINITY;
}

/* In the letter model, with the end of the word. */
double log_other(const struct search *search, const int8_t *row, int size)
{
    int64_t code = START;
    double total = 0.0;
    for (int place = 0; place <= size; place++) {
        const int symbol = place < size ? row[place] : search->base - 1;
        total += search->rows[(int64_t)search->row_of[code] * search->base + symbol];
        code = (code * search->base + symbol + 1) % search->codes;
    }
    return total;
}
