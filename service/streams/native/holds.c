/* Running means over the windows of the shape that is held: `HoldTracker` in service/streams/hold_tracker.py. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SCALEGLOVE_EXPORT __attribute__((visibility("default")))

/* MIN_WINDOWS and CHANGED_WINDOWS in hold_tracker.py, and what `log` adds to a probability. */
enum { MIN_WINDOWS = 3, CHANGED_WINDOWS = 3 };
#define LEAST 1e-6

/* The shape that is held, and the means of the one that has ended. Where `is_compared`, the newest windows, of which
   the one at `oldest` is the first, tell whether the hand has come to another shape. */
struct holds {
    int32_t width, size, is_compared, windows, newest, oldest;
    double apart;
    float *mean, *ended, *embeddings;               /* [width], [width], [CHANGED_WINDOWS][width] */
    double *mean_scores, *ended_scores, *log_scores; /* [size], [size], [CHANGED_WINDOWS][size] */
};

SCALEGLOVE_EXPORT int64_t scaleglove_holds_bytes(void) { return (int64_t)sizeof(struct holds); }

SCALEGLOVE_EXPORT int32_t scaleglove_finish_hold(struct holds *holds)
{
    int32_t is_held = holds->windows >= MIN_WINDOWS;
    if (is_held) {
        memcpy(holds->ended, holds->mean, sizeof(float) * (size_t)holds->width);
        memcpy(holds->ended_scores, holds->mean_scores, sizeof(double) * (size_t)holds->size);
    }
    holds->windows = holds->newest = holds->oldest = 0;
    return is_held;
}

/* Returns where the window `age` places behind the oldest of the newest ones is kept. */
static int32_t slot(const struct holds *holds, int32_t age) { return (holds->oldest + age) % CHANGED_WINDOWS; }

static void keep(struct holds *holds, const float *embedding, const double *log_scores)
{
    int32_t to = slot(holds, holds->newest);
    if (holds->newest == CHANGED_WINDOWS)
        holds->oldest = slot(holds, 1);
    else
        holds->newest++;
    memcpy(holds->embeddings + (int64_t)to * holds->width, embedding, sizeof(float) * (size_t)holds->width);
    memcpy(holds->log_scores + (int64_t)to * holds->size, log_scores, sizeof(double) * (size_t)holds->size);
}

/* Ends the hold before the newest windows if these show another shape, which is held from then on. */
static int32_t change(struct holds *holds)
{
    int32_t count = holds->windows - 1, width = holds->width, size = holds->size;
    if (holds->newest < CHANGED_WINDOWS || count < 2 * CHANGED_WINDOWS)
        return 0;
    const float *one = holds->embeddings + (int64_t)slot(holds, 0) * width;
    const float *two = holds->embeddings + (int64_t)slot(holds, 1) * width;
    const float *three = holds->embeddings + (int64_t)slot(holds, 2) * width;
    float before = (float)(count - CHANGED_WINDOWS);
    double distance = 0.0;
    for (int32_t place = 0; place < width; place++) {
        float sum = (one[place] + two[place]) + three[place];
        holds->ended[place] = ((float)count * holds->mean[place] - sum) / before;
        double apart = (double)(holds->ended[place] - sum / CHANGED_WINDOWS);
        distance += apart * apart;
    }
    if (!(distance > holds->apart))
        return 0;
    for (int32_t place = 0; place < width; place++)
        holds->mean[place] = (two[place] + three[place]) / (CHANGED_WINDOWS - 1);
    const double *first = holds->log_scores + (int64_t)slot(holds, 0) * size;
    const double *second = holds->log_scores + (int64_t)slot(holds, 1) * size;
    const double *third = holds->log_scores + (int64_t)slot(holds, 2) * size;
    for (int32_t place = 0; place < size; place++) {
        double sum = (first[place] + second[place]) + third[place];
        holds->ended_scores[place] = (count * holds->mean_scores[place] - sum) / (count - CHANGED_WINDOWS);
        holds->mean_scores[place] = (second[place] + third[place]) / (CHANGED_WINDOWS - 1);
    }
    holds->windows = CHANGED_WINDOWS; /* the first of them still shows the change */
    holds->oldest = slot(holds, 1);
    holds->newest--;
    return 1;
}

/* Takes the next window of a hand that is still, embedding[width] and probabilities[size]. Returns whether the hold
   before it has ended, with its means in `ended`. */
SCALEGLOVE_EXPORT int32_t scaleglove_hold(struct holds *holds, const float *embedding, const double *probabilities)
{
    int32_t width = holds->width, size = holds->size;
    if (++holds->windows == 1)
        return 0;
    double *log_scores = holds->ended_scores; /* no ended hold is asked for any more */
    for (int32_t place = 0; place < size; place++)
        log_scores[place] = log(probabilities[place] + LEAST);
    if (holds->windows == 2) {
        memcpy(holds->mean, embedding, sizeof(float) * (size_t)width);
        memcpy(holds->mean_scores, log_scores, sizeof(double) * (size_t)size);
    } else {
        double weight = 1.0 / (holds->windows - 1);
        float narrow = (float)weight;
        for (int32_t place = 0; place < width; place++)
            holds->mean[place] += narrow * (embedding[place] - holds->mean[place]);
        for (int32_t place = 0; place < size; place++)
            holds->mean_scores[place] += weight * (log_scores[place] - holds->mean_scores[place]);
    }
    if (!holds->is_compared)
        return 0;
    keep(holds, embedding, log_scores);
    return change(holds);
}
