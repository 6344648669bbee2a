/* The highest of many values, and the most promising of many hypotheses. */
#include "beam.h"

/* Whether place a of the heap is kept less than place b. */
static inline int is_lower(const struct highest *kept, int a, int b)
{
    return kept->value[a] < kept->value[b] || (kept->value[a] == kept->value[b] && kept->number[a] > kept->number[b]);
}

static inline void swap(struct highest *kept, int a, int b)
{
    const double value = kept->value[a];
    const int32_t number = kept->number[a];
    const uint8_t slot = kept->slot[a];
    kept->value[a] = kept->value[b], kept->number[a] = kept->number[b], kept->slot[a] = kept->slot[b];
    kept->value[b] = value, kept->number[b] = number, kept->slot[b] = slot;
}

/* Take a value that is not too low, and comes after all others; return the slot of what belongs to it. */
int take(struct highest *kept, double value, int32_t number)
{
    if (kept->size < kept->most) {
        int place = kept->size++;
        const uint8_t slot = (uint8_t)place;
        kept->value[place] = value, kept->number[place] = number, kept->slot[place] = slot;
        for (; place && is_lower(kept, place, (place - 1) / 2); place = (place - 1) / 2)
            swap(kept, place, (place - 1) / 2);
        return slot;
    }
    const uint8_t slot = kept->slot[0];
    kept->value[0] = value, kept->number[0] = number;
    for (int place = 0;;) {
        int lowest = place;
        for (int below = 2 * place + 1; below <= 2 * place + 2 && below < kept->size; below++)
            if (is_lower(kept, below, lowest))
                lowest = below;
        if (lowest == place)
            return slot;
        swap(kept, place, lowest);
        place = lowest;
    }
}

/* How promising a hypothesis is, with the most probable entry that it may become. */
double priority_of(const struct search *search, const struct hypothesis *hypothesis)
{
    const float ahead = hypothesis->node == OPEN ? 0.0f : search->best[hypothesis->node];
    return hypothesis->score + search->language * (hypothesis->language + ahead);
}

/* The places of the most promising hypotheses, the best first, at most `most` of each model; returns how many. */
int best(const struct hypothesis *from, int size, const double *priority, int most, uint16_t *order)
{
    struct highest kept[2] = {{.most = most}, {.most = most}};
    for (int place = 0; place < size; place++) {
        struct highest *const of_model = &kept[from[place].node == OPEN];
        if (!is_too_low(of_model, priority[place]))
            take(of_model, priority[place], place);
    }
    int count = 0;
    for (int model = 0; model < 2; model++)
        for (int i = 0; i < kept[model].size; i++) {
            const int32_t place = kept[model].number[i];
            int at = count++;
            for (; at && (priority[order[at - 1]] < priority[place]
                          || (priority[order[at - 1]] == priority[place] && order[at - 1] > place)); at--)
                order[at] = order[at - 1];
            order[at] = (uint16_t)place;
        }
    return count;
}
