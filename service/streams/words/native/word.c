/* The entry points: a word's holds, and the spellings that end with them. */
#include <float.h>
#include <math.h>

#include "beam.h"

#define EXPORTED __attribute__((visibility("default")))

static const double LEAST = -8.0; /* of signed_letter.py */

/* What a hold says of the letters, from its log scores: Emissions.of. `written` is the letter that was written for it;
 * -1: none was. */
static void emission_of(const struct search *search, const double *log_scores, int written, double *emission)
{
    double highest = -INFINITY;
    for (int letter = 0; letter < search->letters; letter++) {
        const int label = search->labels[letter];
        const double score = label < 0 || isnan(log_scores[label]) ? -INFINITY : log_scores[label];
        emission[letter] = label < 0 || isnan(log_scores[label]) ? score : fmax(-DBL_MAX, fmin(DBL_MAX, score));
        highest = fmax(highest, emission[letter]);
    }
    const int is_unknown = highest == -INFINITY;
    for (int letter = 0; letter < search->letters; letter++) {
        if (is_unknown)
            emission[letter] = letter == written ? 0.0 : -INFINITY;
        emission[letter] = fmax(search->sharpness * (emission[letter] - (is_unknown ? 0.0 : highest)), LEAST);
        if (search->labels[letter] < 0)
            emission[letter] = -INFINITY;
    }
}

EXPORTED void scaleglove_start(const struct search *search, struct beam *beam) { start(search, beam); }

/* Step over a hold; return what its score adds to that of what was written. */
EXPORTED double scaleglove_push(const struct search *search, struct beam *beam, struct step *step,
                                const double *log_scores, int32_t written, int32_t is_letter)
{
    double emission[MAX_LETTERS];
    emission_of(search, log_scores, written, emission);
    if (written < 0 && !is_letter) {
        push_unwritten(search, beam, step, emission);
        return 0.0;
    }
    push(search, beam, step, emission, is_letter);
    return written < 0 ? -search->false_letter : emission[written];
}

/* Write the letters of a hypothesis from its newest to its first. */
static void follow(const struct step *steps, int count, const struct hypothesis *last, struct ended *ended)
{
    int place = last->parent;
    ended->letters = 0;
    for (int i = 0; i < last->added; i++)
        ended->letter[ended->letters] = last->letter, ended->source[ended->letters++] = NO_HOLD;
    for (int hold = count - 1; hold >= 0; hold--) {
        const struct step *const step = &steps[hold];
        for (int i = 0; i < step->added[place]; i++)
            ended->letter[ended->letters] = step->letter[place], ended->source[ended->letters++] = (uint8_t)hold;
        place = step->parent[place];
        if (place < step->before)
            continue;
        ended->letter[ended->letters] = step->missed_letter[place - step->before];
        ended->source[ended->letters++] = NO_HOLD;
        place = step->missed_parent[place - step->before];
    }
}

/* The most probable spellings with which a word of `count` holds ends here, the best first; the letters of each from its
 * last to its first. Returns how many. */
EXPORTED int32_t scaleglove_ends(const struct search *search, const struct beam *beam, const struct step *steps,
                                 int32_t count, struct ended *ends)
{
    struct hypothesis last[CONSIDERED];
    struct highest highest = {.most = TRACED};
    double totals[CONSIDERED];
    const int size = with_missed(search, beam, last);
    for (int place = 0; place < size; place++) {
        const double end = word_end(search, &last[place], entry_end(search, &last[place]));
        totals[place] = last[place].score + search->language * end;
        if (totals[place] > -INFINITY && !is_too_low(&highest, totals[place]))
            take(&highest, totals[place], place);
    }
    int32_t order[TRACED];
    for (int i = 0; i < highest.size; i++) {
        const int32_t place = highest.number[i];
        int at = i;
        for (; at && (totals[order[at - 1]] < totals[place]
                      || (totals[order[at - 1]] == totals[place] && order[at - 1] > place)); at--)
            order[at] = order[at - 1];
        order[at] = place;
    }
    for (int i = 0; i < highest.size; i++) {
        ends[i].total = totals[order[i]], ends[i].listed = last[order[i]].listed;
        follow(steps, count, &last[order[i]], &ends[i]);
    }
    return highest.size;
}

/* The logarithms of a row of letters as a word of the list, with its endings, and as a word of none. */
EXPORTED void scaleglove_written(const struct search *search, const int8_t *row, int32_t size, double *logarithms)
{
    logarithms[0] = log_listed(search, row, size);
    logarithms[1] = log_other(search, row, size);
}

/* The sizes of what a caller keeps between the calls, a beam and a step, and of the structs that it mirrors. */
EXPORTED void scaleglove_beam_sizes(int32_t *sizes)
{
    sizes[0] = sizeof(struct beam), sizes[1] = sizeof(struct step);
    sizes[2] = sizeof(struct search), sizes[3] = sizeof(struct ended);
}
