/* The steps of a beam: a hold for which a letter was written, or may have been, and one that is hardly a letter. */
#include <math.h>
#include <string.h>

#include "beam.h"

/* Hypotheses of which some are kept. */
struct pool {
    int size;
    struct hypothesis at[CANDIDATES];
    double priority[CANDIDATES];
};

/* The beam before the first hold. */
void start(const struct search *search, struct beam *beam)
{
    beam->size = 2;
    beam->at[0] = (struct hypothesis){.language = search->log_listed, .node = search->root, .code = START,
                                      .letter = -1, .listed = 1};
    beam->at[1] = (struct hypothesis){.language = search->log_other, .node = OPEN, .code = START, .letter = -1,
                                      .parent = 1};
}

/* A hypothesis as a step that adds nothing. */
static struct hypothesis stay(const struct hypothesis *from, int place)
{
    struct hypothesis same = from[place];
    same.parent = (int16_t)place, same.added = 0;
    return same;
}

static int chosen(const struct hypothesis *from, int size, const double *priority, int most, struct hypothesis *to,
                  uint16_t *places)
{
    const int count = best(from, size, priority, most, places);
    for (int i = 0; i < count; i++)
        to[i] = from[places[i]];
    return count;
}

/* The hypotheses of a beam, and after them those that have one letter more, for which there was no hold. */
int with_missed(const struct search *search, const struct beam *beam, struct hypothesis *considered)
{
    double priority[KEPT], of_more[ADDED], costs[MAX_LETTERS];
    struct hypothesis likely[ADDED];
    uint16_t places[ADDED];
    for (int place = 0; place < beam->size; place++) {
        considered[place] = stay(beam->at, place);
        priority[place] = priority_of(search, &beam->at[place]);
    }
    for (int32_t letter = 0; letter < search->letters; letter++)
        costs[letter] = -search->missed;
    const int size = chosen(beam->at, beam->size, priority, RETRIED, likely, places);
    struct hypothesis *const more = considered + beam->size;
    const int added = extended(search, likely, size, costs, RETRIED, 0, more, of_more);
    for (int i = 0; i < added; i++)
        more[i].parent = (int16_t)places[more[i].parent];
    return beam->size + added;
}

/* Keep the best of a pool, of those that spell the same in the same place one. */
static void prune(const struct pool *pool, struct beam *beam)
{
    enum { SLOTS = 256 }; /* more than there are hypotheses in the order */
    const uint64_t mixer = 0xC2B2AE3D27D4EB4F;
    uint16_t order[2 * ALIKE * WIDTH];
    uint64_t known[SLOTS];
    uint8_t is_taken[SLOTS] = {0};
    int count[2] = {0, 0};
    const int size = best(pool->at, pool->size, pool->priority, ALIKE * WIDTH, order);
    beam->size = 0;
    for (int i = 0; i < size; i++) {
        const struct hypothesis *const next = &pool->at[order[i]];
        const uint64_t place = next->spelled ^ ((uint64_t)((int64_t)next->node + 2) * mixer);
        int slot = (int)(place % SLOTS);
        while (is_taken[slot] && known[slot] != place)
            slot = (slot + 1) % SLOTS;
        if (is_taken[slot])
            continue;
        is_taken[slot] = 1, known[slot] = place;
        if (count[next->node == OPEN]++ < WIDTH)
            beam->at[beam->size++] = *next;
    }
}

static void note(const struct beam *beam, struct step *step)
{
    for (int i = 0; i < beam->size; i++) {
        step->parent[i] = (uint8_t)beam->at[i].parent;
        step->letter[i] = beam->at[i].letter;
        step->added[i] = beam->at[i].added;
    }
}

/* Add the ones in which the letter of a likely hypothesis was held once and signed twice. */
static void add_doubled(const struct search *search, struct pool *pool)
{
    struct hypothesis likely[ADDED];
    uint16_t places[ADDED];
    double costs[MAX_LETTERS];
    for (int32_t letter = 0; letter < search->letters; letter++)
        costs[letter] = -search->doubled;
    const int size = chosen(pool->at, pool->size, pool->priority, RETRIED, likely, places);
    struct hypothesis *const twice = pool->at + pool->size;
    const int added = extended(search, likely, size, costs, WIDTH, 1, twice, pool->priority + pool->size);
    for (int i = 0; i < added; i++)
        twice[i].parent = likely[twice[i].parent].parent, twice[i].added++;
    pool->size += added;
}

/* Add hypotheses as they are, for a hold that was no letter of its own. */
static void add_false(const struct search *search, const struct hypothesis *from, int size, const double *emission,
                      double cost, struct pool *pool)
{
    for (int place = 0; place < size; place++, pool->size++) {
        const int letter = from[place].letter;
        const double again = letter < 0 ? -INFINITY : emission[letter] - search->again;
        struct hypothesis *const same = &pool->at[pool->size];
        *same = stay(from, place);
        same->score += again > -cost ? again : -cost;
        pool->priority[pool->size] = priority_of(search, same);
    }
}

/* Step over what may have been missed before a hold, and over that hold; `is_letter` 0: it may as well be none. */
void push(const struct search *search, struct beam *beam, struct step *step, const double *emission, int is_letter)
{
    struct hypothesis considered[CONSIDERED];
    struct pool pool;
    const int size = with_missed(search, beam, considered);
    step->before = (uint8_t)beam->size, step->missed = (uint8_t)(size - beam->size);
    for (int i = 0; i < step->missed; i++) {
        step->missed_parent[i] = (uint8_t)considered[beam->size + i].parent;
        step->missed_letter[i] = considered[beam->size + i].letter;
    }
    pool.size = extended(search, considered, size, emission, ALIKE * WIDTH, 0, pool.at, pool.priority);
    add_doubled(search, &pool);
    add_false(search, considered, size, emission, is_letter ? search->false_letter : search->unwritten, &pool);
    prune(&pool, beam);
    note(beam, step);
}

/* Step over a hold for which no letter was written, and which is hardly one. */
void push_unwritten(const struct search *search, struct beam *beam, struct step *step, const double *emission)
{
    struct pool pool;
    double costs[MAX_LETTERS];
    for (int32_t letter = 0; letter < search->letters; letter++)
        costs[letter] = emission[letter] - search->unwritten;
    step->before = (uint8_t)beam->size, step->missed = 0;
    pool.size = extended(search, beam->at, beam->size, costs, WIDTH, 0, pool.at, pool.priority);
    for (int place = 0; place < beam->size; place++, pool.size++) {
        pool.at[pool.size] = stay(beam->at, place);
        pool.priority[pool.size] = priority_of(search, &beam->at[place]);
    }
    prune(&pool, beam);
    note(beam, step);
}
