typedef int16_t sg_net_reading; /* flex1..flex5 in 1/32 of a 10-bit count; pitch, roll, yaw in 1/65536 of a turn */
typedef int16_t sg_net_value;
typedef uint16_t sg_net_share; /* 0 to 65535, which stands for 1 */
typedef int32_t sg_net_sum;
