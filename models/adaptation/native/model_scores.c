/* Log-scores by what a model knows of any hand: `ModelReference` in models/adaptation/model_reference.py. */

#include "examples.h"

/* What was read, of which the first are a shape: _SIZE in models/adaptation/letter_gaussians.py, and FINGERS. */
enum { READ = 9, SHAPE = 8, FIRST_TURNED = 6 };

/* _LEAST and _LEAST_SPACING in models/adaptation/model_reference.py. */
#define LEAST 0.005
#define LEAST_SPACING 1e-6

struct model_reference {
    struct examples prototypes;
    int32_t gaussians;
    double share, sharpness, limit, doubt, evidence, gaussian, spacing;
    const float *additive, *additive_bias; /* [width][classes] and [classes]; null: none */
    const float *reader, *reader_bias;     /* [width][READ] and [READ]; null: no Gaussians */
    const int64_t *names;                  /* [gaussians]: which letter each is */
    const double *squares;                 /* [SHAPE * SHAPE][gaussians] */
    const double *values;                  /* [SHAPE][gaussians] */
    const double *constants;               /* [gaussians] */
};

SCALEGLOVE_EXPORT int64_t scaleglove_model_reference_bytes(void) { return (int64_t)sizeof(struct model_reference); }

static void mix_additive(const struct model_reference *known, const double *embedding, double *mixed)
{
    int32_t classes = known->prototypes.classes;
    double scores[MOST_CLASSES], shares[MOST_CLASSES];
    widen(scores, known->additive_bias, classes);
    add_products(scores, embedding, known->additive, known->prototypes.width, classes);
    softmax(shares, scores, 1.0, classes);
    for (int32_t letter = 0; letter < classes; letter++)
        mixed[letter] = (1 - known->share) * mixed[letter] + known->share * shares[letter];
}

static void mix_gaussians(const struct model_reference *known, const double *embedding, double *mixed)
{
    int32_t count = known->gaussians;
    double read[READ], scores[MOST_CLASSES], shares[MOST_CLASSES];
    widen(read, known->reader_bias, READ);
    add_products(read, embedding, known->reader, known->prototypes.width, READ);
    for (int32_t place = FIRST_TURNED; place < SHAPE; place++)
        read[place] *= read[SHAPE];
    for (int32_t one = 0; one < count; one++)
        scores[one] = known->constants[one];
    for (int32_t row = 0; row < SHAPE; row++) {
        for (int32_t one = 0; one < count; one++)
            scores[one] += read[row] * known->values[row * count + one];
        for (int32_t column = 0; column < SHAPE; column++) {
            double product = read[row] * read[column];
            const double *square = known->squares + (row * SHAPE + column) * count;
            for (int32_t one = 0; one < count; one++)
                scores[one] += product * square[one];
        }
    }
    softmax(shares, scores, 1.0, count);
    for (int32_t letter = 0; letter < known->prototypes.classes; letter++)
        mixed[letter] *= 1 - known->gaussian;
    for (int32_t one = 0; one < count; one++)
        mixed[known->names[one]] += known->gaussian * shares[one];
}

/* Writes log-scores[classes + 1] of one window, and returns the factor of its confidence. */
static double score(const struct model_reference *known, const float *probabilities, const float *given, double *scores)
{
    const struct examples *prototypes = &known->prototypes;
    int32_t classes = prototypes->classes;
    double embedding[MOST_WIDTH], nearest[MOST_CLASSES], apart[MOST_CLASSES];
    widen(embedding, given, prototypes->width);
    widen(scores, probabilities, classes);
    if (known->additive && known->share != 0.0)
        mix_additive(known, embedding, scores);
    if (known->reader && known->gaussian != 0.0)
        mix_gaussians(known, embedding, scores);

    double to_limit = log1p(known->limit * known->spacing), least = INFINITY, best = -INFINITY;
    to_letters(prototypes, embedding, nearest);
    for (int32_t letter = 0; letter < classes; letter++)
        apart[letter] = to_limit;
    for (int32_t row = 0; row < prototypes->shown; row++) {
        least = lower(least, nearest[row]);
        if (known->sharpness != 0.0)
            apart[prototypes->names[row]] = log1p(nearest[row]);
    }
    for (int32_t letter = 0; letter < classes; letter++) {
        scores[letter] = log(scores[letter] + LEAST);
        if (known->sharpness != 0.0)
            scores[letter] -= known->sharpness * apart[letter];
        scores[letter] *= known->evidence;
        best = higher(best, scores[letter]);
    }
    double beyond = log1p(least) - to_limit;
    scores[classes] = best + known->evidence * SHARPNESS * beyond;
    if (known->doubt == 0.0)
        return 1 / known->evidence;
    double spacing = known->spacing > LEAST_SPACING ? known->spacing : LEAST_SPACING;
    return 1 / (known->evidence * (1 + known->doubt * higher(least, 0.0) / spacing));
}

/* Scores windows with probabilities float[rows][classes] and embeddings float[rows][width]. For each it writes its
   log-scores[classes + 1], what they are as probabilities, these as the share of answers that are right, and the factor
   of confidence. */
SCALEGLOVE_EXPORT void scaleglove_model_scores(
    const struct model_reference *known, int32_t rows, const float *probabilities, const float *embeddings, double *found
)
{
    int32_t classes = known->prototypes.classes, size = classes + 1;
    for (int32_t row = 0; row < rows; row++) {
        double confidence = score(known, probabilities, embeddings, found);
        softmax(found + size, found, 1.0, size);
        softmax(found + 2 * size, found, confidence, size);
        found[3 * size] = confidence;
        found += 3 * size + 1;
        probabilities += classes;
        embeddings += known->prototypes.width;
    }
}
