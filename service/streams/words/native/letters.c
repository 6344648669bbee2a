/* Hypotheses with one letter more. */
#include <math.h>

#include "beam.h"

/* Ways in which a letter goes on from a hypothesis: within its entry, or at the beginning of an ending, of another word
 * of the list, or of a word of none. */
enum { ENTRY, ENDING, LISTED_WORD, OTHER_WORD, WAYS };

/* From where letters go on. */
struct source {
    int place;       /* of the hypothesis */
    int32_t node, code;
    double language;
    uint8_t listed;
};

/* A letter that goes on from a source. */
struct candidate {
    struct source from;
    int32_t node, letter;
    double language, score;
};

/* The likely candidates of one of the two models, in the order in which they came. */
struct likely {
    struct highest highest;
    struct candidate at[ALIKE * WIDTH];
    int32_t seen;
};

/* The language's logarithm with the end of the entry; -inf: nothing was spelled. */
double entry_end(const struct search *search, const struct hypothesis *hypothesis)
{
    if (hypothesis->letter < 0)
        return -INFINITY;
    if (hypothesis->node != OPEN)
        return hypothesis->language + search->end[hypothesis->node];
    const float *const after = search->rows + (int64_t)search->row_of[hypothesis->code] * search->base;
    return hypothesis->language + after[search->base - 1];
}

/* The same with the end of the word. */
double word_end(const struct search *search, const struct hypothesis *hypothesis, double entry_end)
{
    return entry_end + (hypothesis->node == OPEN ? 0.0 : search->log_last);
}

static void add(struct likely *likely, double value, const struct source *source, int32_t node, int32_t letter,
                double language, double score)
{
    const int32_t number = likely->seen++;
    if (value > -INFINITY && !is_too_low(&likely->highest, value))
        likely->at[take(&likely->highest, value, number)] =
            (struct candidate){*source, node, letter, language, score};
}

/* The children of a source in the tree; `only`: the one of this letter, if it is not negative. */
static void down_the_tree(const struct search *search, const struct source *source, double score,
                          const double *emission, double most, int only, struct likely *likely)
{
    /* No letter scores higher than `most`, and no child's best entry is better than its parent's. */
    const double bound = score + most + search->language * (source->language + search->best[source->node]);
    if (is_too_low(&likely->highest, bound))
        return;
    const int32_t first = search->first[source->node], last = first + search->children[source->node];
    for (int32_t node = first; node < last; node++) {
        const int32_t letter = search->letter[node];
        if (only >= 0 && letter != only)
            continue;
        const double read = score + emission[letter];
        const double value = read + search->language * (source->language + search->best[node]);
        add(likely, value, source, node, letter, source->language, read);
    }
}

/* The letters after a source in the letter model. */
static void by_letters(const struct search *search, const struct source *source, double score, const double *emission,
                       double most, int only, struct likely *likely)
{
    const double bound = score + most + search->language * (source->language + search->most_after);
    if (is_too_low(&likely->highest, bound))
        return;
    const float *const after = search->rows + (int64_t)search->row_of[source->code] * search->base;
    const int32_t from = only >= 0 ? only : 0, past = only >= 0 ? only + 1 : search->letters;
    for (int32_t letter = from; letter < past; letter++) {
        const double language = source->language + after[letter], read = score + emission[letter];
        add(likely, read + search->language * language, source, OPEN, letter, language, read);
    }
}

/* Whether letters may go on from a hypothesis in a way, and from where. */
static int source_of(const struct search *search, const struct hypothesis *from, int place, int way, double end,
                     struct source *source)
{
    const struct hypothesis *const before = &from[place];
    *source = (struct source){place, before->node, before->code, before->language, before->listed};
    if (way == ENTRY)
        return 1;
    if (end == -INFINITY)
        return 0;
    if (way == ENDING) {
        source->node = search->endings_after[before->letter];
        source->language = end + search->log_followed;
        return 1;
    }
    source->node = way == LISTED_WORD ? search->root : OPEN;
    source->code = START;
    source->language = word_end(search, before, end) + search->log_space;
    source->language += way == LISTED_WORD ? search->log_listed : search->log_other;
    source->listed &= source->node != OPEN;
    return 1;
}

static struct hypothesis more_of(const struct search *search, const struct hypothesis *from,
                                 const struct candidate *chosen)
{
    const uint64_t multiplier = 0x9E3779B97F4A7C15;
    const int32_t symbol = chosen->letter + 1;
    return (struct hypothesis){
        .language = chosen->language,
        .score = chosen->score,
        .spelled = from[chosen->from.place].spelled * multiplier + (uint64_t)symbol,
        .node = chosen->node,
        .code = (int32_t)(((int64_t)chosen->from.code * search->base + symbol) % search->codes),
        .parent = (int16_t)chosen->from.place,
        .letter = (int8_t)chosen->letter,
        .listed = chosen->from.listed,
        .added = 1,
    };
}

/* The likely hypotheses in the order in which they came, which is that of the places of equal ones. */
static int listed_in_order(const struct search *search, const struct hypothesis *from, const struct likely *likely,
                           struct hypothesis *more, double *priority)
{
    int order[ALIKE * WIDTH];
    const struct highest *const kept = &likely->highest;
    for (int i = 0; i < kept->size; i++) {
        int at = i;
        for (; at && kept->number[order[at - 1]] > kept->number[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < kept->size; i++) {
        more[i] = more_of(search, from, &likely->at[kept->slot[order[i]]]);
        priority[i] = kept->value[order[i]];
    }
    return kept->size;
}

/* The likely ones of hypotheses with one letter more, at most `most` of each model, and how promising each is; `again`:
 * each by its newest letter. Returns how many. */
int extended(const struct search *search, const struct hypothesis *from, int size, const double *emission, int most,
             int again, struct hypothesis *more, double *priority)
{
    double ends[CONSIDERED], highest = -INFINITY;
    int is_any_over = 0, has_endings = 0;
    for (int place = 0; place < size; place++) {
        ends[place] = entry_end(search, &from[place]);
        if (ends[place] > -INFINITY && !is_any_over)
            is_any_over = 1, has_endings = search->endings_after[from[place].letter] >= 0;
    }
    for (int32_t letter = 0; letter < search->letters; letter++)
        highest = emission[letter] > highest ? emission[letter] : highest;
    const int is_possible[WAYS] = {1, has_endings, is_any_over && search->log_space > -INFINITY,
                                   is_any_over && search->log_space > -INFINITY};
    struct likely likely[2] = {{.highest.most = most}, {.highest.most = most}};
    for (int way = 0; way < WAYS; way++)
        for (int place = 0; is_possible[way] && place < size; place++) {
            struct source source;
            if (!source_of(search, from, place, way, ends[place], &source))
                continue;
            const int only = again ? from[place].letter : -1;
            if (again && only < 0)
                continue;
            if (source.node == OPEN)
                by_letters(search, &source, from[place].score, emission, highest, only, &likely[1]);
            else
                down_the_tree(search, &source, from[place].score, emission, highest, only, &likely[0]);
        }
    const int listed = listed_in_order(search, from, &likely[0], more, priority);
    return listed + listed_in_order(search, from, &likely[1], more + listed, priority + listed);
}
