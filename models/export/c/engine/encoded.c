
/* ---- From frames to sums of the towers, for encoded channels (MSCSGRU_ScaleAware_Encoded in Python). A channel's
 * features are 1 in the bins below its reading, a fraction in the reading's own bin and 0 above. So their
 * contribution to the towers is linear from knot to knot, and two rows of a table give it in place of sixteen. ---- */

/* Add the newest frame's contribution to the sums of its neighbours and its own. Tap 0 of a tower meets its oldest
 * frame. */
static void give(struct sg_net *net, const struct pair pairs[PAIRS])
{
    int column = 0;
    for (int k = 0; k < SCALES; k++) {
        for (int tap = 0; tap <= 2 * (k + 1); tap++, column += FILTERS) {
            const int ahead = k + 1 - tap;
            if (ahead >= 0 || net->frames >= (uint32_t)-ahead) {
                const uint32_t place = (net->frames + (uint32_t)(ahead + PLACES)) % PLACES;
                add_between(pairs, column, net->pending[place] + k * FILTERS);
            }
        }
    }
}

/* Take `count` frames, of which the first `real` are given; return the number of those that now have all their
 * neighbours, and their sums. */
static int take(struct sg_net *net, const sg_net_reading (*frames)[CHANNELS], int real, int count,
                value (*sums)[FEATURES])
{
    int ready = 0;
    for (int i = 0; i < count; i++, net->frames++) {
        if (i < real) {
            value *const newest = net->newest[net->seen++ % SG_NET_NEWEST_FRAMES];
            struct pair pairs[PAIRS];
            normalise(frames[i], newest);
            turn(frames[i], newest, newest + CHANNELS);
            find_pairs(newest, pairs);
            give(net, pairs);
        }
        sg_net_sum *const done = net->pending[(net->frames + PLACES - REACH) % PLACES];
        if (net->frames >= REACH) {
            settle(done, sums[ready++]);
        }
        memset(done, 0, sizeof net->pending[0]);
    }
    return ready;
}

/* Return the head's inputs: the state, and the mean of the newest frames' features. */
static const value *head_inputs(const struct sg_net *net, const value *state, value *inputs)
{
    const uint32_t frames = net->seen < SG_NET_NEWEST_FRAMES ? net->seen : SG_NET_NEWEST_FRAMES;
    sg_net_sum sums[TURNED + CHANNELS * BINS];
    memset(sums, 0, sizeof sums);
    for (uint32_t frame = 0; frame < frames; frame++) {
        add_features(net->newest[frame], sums);
    }
    for (int i = 0; i < HIDDEN; i++) {
        inputs[i] = beside_features(state[i]);
    }
    const sg_net_sum divisor = (sg_net_sum)(frames ? frames : 1);
    for (int i = 0; i < TURNED + CHANNELS * BINS; i++) {
        inputs[HIDDEN + i] = (value)(sums[i] / divisor);
    }
    for (int i = HIDDEN + TURNED + CHANNELS * BINS; i < HEAD_INPUTS; i++) {
        inputs[i] = 0;
    }
    return inputs;
}
