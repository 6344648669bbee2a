#ifdef __cplusplus
extern "C" {
#endif

/* The state of the network between frames, private to it: the caller keeps one for each glove. */
struct sg_net {
@FRAMES@    sg_net_value sums[SG_NET_BLOCK + 1][SG_NET_FEATURES];      /* of the towers; [0] may wait for its pair's second */
    sg_net_value recent[SG_NET_RECENT_STEPS][SG_NET_FEATURES]; /* the newest steps, a ring */
    sg_net_value state[SG_NET_LAYERS][SG_NET_HIDDEN];
    sg_net_value gates[SG_NET_BLOCK / 2][3 * SG_NET_HIDDEN];   /* of the steps that are being computed */
    sg_net_value states[SG_NET_BLOCK / 2][SG_NET_HIDDEN];      /* likewise */
    uint32_t frames; /* taken, including the padding after the last one */
    uint32_t steps;  /* of the recurrence: one for two frames */
    bool waiting;    /* sums[0] waits for its pair's second */
};

/* The result of the network for the frames so far. */
struct sg_net_result {
    uint8_t letter;                            /* the most probable: an index of sg_net_labels */
    sg_net_share probabilities[SG_NET_LABELS]; /* of each letter */
};

extern const char *const sg_net_labels[SG_NET_LABELS]; /* UTF-8 */

/* Reset: no frame has been seen. */
void sg_net_start(struct sg_net *net);

/* Take the next frame. Towers look SG_NET_REACH frames ahead and two frames make a step, so that the recurrence is
 * up to SG_NET_REACH + 1 frames behind. */
void sg_net_step(struct sg_net *net, const sg_net_reading frame[SG_NET_CHANNELS]);

/* Finish: no frame follows, and the recurrence catches up, as at the end of a window. A stream that continues
 * finishes a copy of its state. */
void sg_net_finish(struct sg_net *net);

/* Compute the result, at any time after the first step of the recurrence; before it, that of an empty window. */
void sg_net_result(const struct sg_net *net, struct sg_net_result *result);

/* Compute the importance of the scales 3, 5 and 7 for the result, from the newest SG_NET_RECENT_STEPS steps: shares
 * that sum up to one. It costs more than the result, so it is a call of its own. */
void sg_net_importance(struct sg_net *net, sg_net_share importance[SG_NET_SCALES]);

/* The same in pieces, for a caller with little time before the next frame: begin, advance until it returns false,
 * end. The net must not change meanwhile: a stream that continues explains a copy. */
struct sg_net_explanation {
    sg_net_value state[SG_NET_LAYERS][SG_NET_SCALES + 1][SG_NET_HIDDEN];
    uint32_t step; /* the next one of the recurrence */
};
void sg_net_explain_begin(const struct sg_net *net, struct sg_net_explanation *run);

/* Do one step of the recurrence; return false when there is none left. */
bool sg_net_explain_advance(struct sg_net *net, struct sg_net_explanation *run);
void sg_net_explain_end(const struct sg_net *net, const struct sg_net_explanation *run,
                        sg_net_share importance[SG_NET_SCALES]);

/* Compute the result of a whole window of 1 frame or more, oldest first: equal to start, steps and finish to the
 * bit, for less work. */
void sg_net_window(struct sg_net *net, const sg_net_reading (*frames)[SG_NET_CHANNELS], uint32_t count,
                   struct sg_net_result *result);

#ifdef __cplusplus
}
#endif
