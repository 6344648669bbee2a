    sg_net_value line[SG_NET_BLOCK + 2 * SG_NET_REACH][SG_NET_CHANNELS]; /* the newest frames, normalised */
