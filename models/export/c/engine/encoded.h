    sg_net_sum pending[2 * SG_NET_REACH + 1][SG_NET_FEATURES]; /* sums of frames that still lack neighbours */
    sg_net_value newest[SG_NET_NEWEST_FRAMES][SG_NET_CHANNELS + SG_NET_TURNED]; /* normalised frames, a ring */
    uint32_t seen;                                                              /* frames it has contained */
