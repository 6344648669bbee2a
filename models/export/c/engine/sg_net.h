#ifdef __cplusplus
extern "C" {
#endif

/* The state of the network between frames. Whoever uses it keeps one for each glove and looks at nothing inside. */
struct sg_net {
@FRAMES@    sg_net_value sums[SG_NET_BLOCK + 1][SG_NET_FEATURES];      /* of the towers; [0] may wait for its pair's second */
    sg_net_value recent[SG_NET_RECENT_STEPS][SG_NET_FEATURES]; /* the newest steps, a ring */
    sg_net_value state[SG_NET_LAYERS][SG_NET_HIDDEN];
    sg_net_value gates[SG_NET_BLOCK / 2][3 * SG_NET_HIDDEN];   /* of the steps that are being computed */
    sg_net_value states[SG_NET_BLOCK / 2][SG_NET_HIDDEN];      /* likewise */
    uint32_t frames; /* taken in, with those that stand for "nothing more" */
    uint32_t steps;  /* that the recurrence has made: one for two frames */
    bool waiting;    /* sums[0] does */
};

/* What the network says of the frames it has seen. */
struct sg_net_result {
    uint8_t letter;                            /* the likeliest: a place in sg_net_labels */
    sg_net_share probabilities[SG_NET_LABELS]; /* of each letter */
};

extern const char *const sg_net_labels[SG_NET_LABELS]; /* UTF-8 */

/* At rest: no frame has been seen. */
void sg_net_start(struct sg_net *net);

/* One frame more. Towers look SG_NET_REACH frames ahead and two frames make a step, so that the recurrence is up to
 * SG_NET_REACH + 1 frames behind. */
void sg_net_step(struct sg_net *net, const sg_net_reading frame[SG_NET_CHANNELS]);

/* No frame will follow: what the recurrence is behind it makes up, as at the end of a window. A stream that goes on
 * finishes a copy of its state. */
void sg_net_finish(struct sg_net *net);

/* The letter, at any time after the first step of the recurrence; before it, that of no movement at all. */
void sg_net_result(const struct sg_net *net, struct sg_net_result *result);

/* How far the answer hangs on each of the scales 3, 5 and 7, from the newest SG_NET_RECENT_STEPS steps: shares that
 * sum up to one. It costs more than the letter, and so is asked for by itself. */
void sg_net_importance(struct sg_net *net, sg_net_share importance[SG_NET_SCALES]);

/* The same in pieces, for whoever has to be back before the next frame: begin, advance until there is nothing left to do,
 * end. The net must not change meanwhile, so that a stream that goes on explains a copy. */
struct sg_net_explanation {
    sg_net_value state[SG_NET_LAYERS][SG_NET_SCALES + 1][SG_NET_HIDDEN];
    uint32_t step; /* of the recurrence, the next one to be taken */
};
void sg_net_explain_begin(const struct sg_net *net, struct sg_net_explanation *run);

/* One step of the recurrence; false when there is none left. */
bool sg_net_explain_advance(struct sg_net *net, struct sg_net_explanation *run);
void sg_net_explain_end(const struct sg_net *net, const struct sg_net_explanation *run,
                        sg_net_share importance[SG_NET_SCALES]);

/* A whole window of 1 frame or more, oldest first: start, steps and finish, to the bit, for less work. */
void sg_net_window(struct sg_net *net, const sg_net_reading (*frames)[SG_NET_CHANNELS], uint32_t count,
                   struct sg_net_result *result);

#ifdef __cplusplus
}
#endif
