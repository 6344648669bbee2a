
/* ---- From numbers to shares. ---- */

/* 2^-x of a number with VALUE_BITS of fraction, with 15 bits of fraction, from a table in steps of 1/64. */
static uint32_t power(uint32_t x)
{
    const uint32_t whole = x >> VALUE_BITS, rest = x & ((1u << VALUE_BITS) - 1);
    const uint32_t place = rest >> POWER_STEP_BITS, within = rest & ((1u << POWER_STEP_BITS) - 1);
    const uint32_t high = power_table[place], low = power_table[place + 1];
    return whole > 15 ? 0 : (high - (((high - low) * within) >> POWER_STEP_BITS)) >> whole;
}

static void softmax(const int16_t logits[LABELS], uint16_t shares[LABELS])
{
    int16_t largest = logits[0];
    for (int i = 1; i < LABELS; i++) {
        largest = logits[i] > largest ? logits[i] : largest;
    }
    uint32_t powers[LABELS], sum = 0;
    for (int i = 0; i < LABELS; i++) {
        const uint32_t below = (uint32_t)(largest - logits[i]);
        powers[i] = power((below * 47274u) >> 15); /* 1 / ln 2 */
        sum += powers[i];
    }
    for (int i = 0; i < LABELS; i++) {
        shares[i] = (uint16_t)((powers[i] * 65535u + sum / 2) / sum);
    }
}

/* Compute importance[SCALES] from the letters' shares, whole and without each tower. */
static void share_out(const uint16_t probabilities[ROWS][LABELS], uint16_t importance[SCALES])
{
    uint32_t moved[SCALES], all = 0;
    for (int k = 0; k < SCALES; k++) {
        moved[k] = LEAST_EFFECT;
        for (int i = 0; i < LABELS; i++) {
            const int32_t difference = probabilities[1 + k][i] - probabilities[0][i];
            moved[k] += (uint32_t)(difference < 0 ? -difference : difference);
        }
        all += moved[k];
    }
    for (int k = 0; k < SCALES; k++) {
        importance[k] = (uint16_t)((moved[k] << 14) / all * 4u); /* moved has 18 bits, `all` what the others have too */
    }
}
