
/* 2^16 / (1 + exp(-x)) of a number of 16 bits, from a table in steps of 1/8, interpolated linearly. */
static int32_t logistic(int32_t x)
{
    const uint32_t from_end = (uint32_t)(x + (INT16_MAX + 1));
    const uint16_t *const place = logistic_table + (from_end >> LOGISTIC_STEP_BITS);
    const int32_t within = (int32_t)(from_end & ((1u << LOGISTIC_STEP_BITS) - 1));
    return place[0] + (((place[1] - place[0]) * within) >> LOGISTIC_STEP_BITS);
}

static int32_t sigmoid(int32_t x) { return logistic(x) >> 1; }

static int32_t squash(int32_t x) { return logistic(saturated(2 * x)) - UNIT; } /* tanh(x) = 2 sigmoid(2 x) - 1 */
