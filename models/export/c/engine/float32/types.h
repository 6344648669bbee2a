typedef float sg_net_reading; /* flex1..flex5 in counts of a 10-bit converter, pitch, roll, yaw in degrees */
typedef float sg_net_value;
typedef float sg_net_share; /* 0 to 1 */
typedef float sg_net_sum;
