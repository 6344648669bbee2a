/* Log-scores by a user's examples: `UserReference` in models/adaptation/user_reference.py. */

#include "examples.h"

/* DOUBT in models/adaptation/few_shot.py, _EVEN_CHANCE in open_set.py. */
#define DOUBT 0.05
#define EVEN_CHANCE 0.5

/* Examples in a metric: of embeddings, or of these with the direction of the hand behind them. */
struct space {
    struct examples examples;
    const float *metric; /* [width][width]; null: as they are */
    double floor;        /* log-score of what is as far as a letter may be */
};

struct user_reference {
    struct space alike, facing; /* facing.examples.width 0: the direction of the examples is not known */
    int32_t unshown;
    const int64_t *unshown_names; /* [unshown]: the letters without an example */
    double direction, trust, confidence;
};

SCALEGLOVE_EXPORT int64_t scaleglove_user_reference_bytes(void) { return (int64_t)sizeof(struct user_reference); }

/* Writes what each letter begins with: the model's probability of it, or for a letter that it does not know its
   largest, or 0 where there is no example either. */
static void begin(const struct user_reference *user, const float *probabilities, int32_t known, double *scores)
{
    int32_t classes = user->alike.examples.classes;
    double largest = known ? -INFINITY : 1.0;
    for (int32_t letter = 0; letter < known; letter++) {
        scores[letter] = (double)probabilities[letter];
        largest = higher(largest, scores[letter]);
    }
    for (int32_t letter = known; letter < classes; letter++)
        scores[letter] = largest;
    if (known)
        for (int32_t one = 0; one < user->unshown; one++)
            if (user->unshown_names[one] >= known)
                scores[user->unshown_names[one]] = 0.0;
}

/* Returns a point in the metric of a space, written to `placed` where that is another one. */
static const double *place(const struct space *space, const double *point, double *placed)
{
    int32_t width = space->examples.width;
    if (!space->metric)
        return point;
    for (int32_t column = 0; column < width; column++)
        placed[column] = 0.0;
    add_products(placed, point, space->metric, width, width);
    return placed;
}

static void score(
    const struct user_reference *user, const float *probabilities, int32_t known, const float *given, double yaw,
    double *scores
)
{
    double point[MOST_WIDTH], placed[MOST_WIDTH], nearest[MOST_CLASSES];
    int32_t width = user->alike.examples.width, classes = user->alike.examples.classes;
    const struct space *space = &user->alike;
    widen(point, given, width);
    if (user->facing.examples.width && isfinite(yaw)) {
        double turned = yaw * (M_PI / 180);
        point[width] = user->direction * sin(turned);
        point[width + 1] = user->direction * cos(turned);
        space = &user->facing;
    }
    const struct examples *examples = &space->examples;
    const double *at = place(space, point, placed);

    begin(user, probabilities, known, scores);
    for (int32_t letter = 0; letter < classes; letter++)
        scores[letter] = user->trust * log(scores[letter] + DOUBT);
    double unshown = space->floor - user->trust * log(EVEN_CHANCE + DOUBT);
    for (int32_t one = 0; one < user->unshown; one++)
        scores[user->unshown_names[one]] += unshown;
    to_letters(examples, at, nearest);
    for (int32_t row = 0; row < examples->shown; row++)
        scores[examples->names[row]] -= SHARPNESS * log1p(nearest[row]);
    double to_rest = to_nearest(at, examples->rest, examples->rests, examples->width);
    scores[classes] = higher(space->floor, -SHARPNESS * log1p(to_rest));
}

/* Scores windows with probabilities float[rows][known], embeddings float[rows][width] and yaws double[rows] in degrees
   (null: none is known). It writes for each what scaleglove_model_scores does. */
SCALEGLOVE_EXPORT void scaleglove_user_scores(
    const struct user_reference *user, int32_t rows, const float *probabilities, int32_t known, const float *embeddings,
    const double *yaws, double *found
)
{
    int32_t size = user->alike.examples.classes + 1;
    for (int32_t row = 0; row < rows; row++) {
        score(user, probabilities, known, embeddings, yaws ? yaws[row] : NAN, found);
        softmax(found + size, found, 1.0, size);
        softmax(found + 2 * size, found, user->confidence, size);
        found[3 * size] = user->confidence;
        found += 3 * size + 1;
        probabilities += known;
        embeddings += user->alike.examples.width;
    }
}
