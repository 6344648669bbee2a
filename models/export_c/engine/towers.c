
/* sums[count][FEATURES] of the `count` places whose neighbourhoods begin at line[0], line[1], ... A tower's inputs are
 * neighbours in the line, so that a convolution is a product whose rows overlap. */
static void run_towers(const value (*line)[CHANNELS], int count, value *sums)
{
    for (int k = 0; k < SCALES; k++) {
        const int margin = REACH - 1 - k, first = k * FILTERS;
        product(&towers[k], count, line[margin], CHANNELS, tower_bias + first, 0, sums + first, FEATURES);
    }
}
