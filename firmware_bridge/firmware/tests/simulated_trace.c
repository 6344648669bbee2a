/* simulated_trace BEGIN_US INTERVAL_US SAMPLES SEED: the core's measurement of the simulated hand. Each line of the
 * output is a sample: time (us since the first), number of the letter, 8 true values, 8 measured ones (flex1..flex5,
 * pitch, roll, yaw). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hand.h"
#include "simulated.h"

static const enum sg_letter spelled[] = {SG_IEUNG, SG_A, SG_NIEUN, SG_NIEUN, SG_YEO, SG_IEUNG};
static struct sg_simulated simulated;
static struct sg_hand hand;

static bool read_imu(void *context, float acceleration[3], float rate[3])
{
    (void)context;
    sg_simulated_read_imu(&simulated, acceleration, rate);
    return true;
}

static bool read_flex(void *context, uint16_t counts[SG_FINGERS])
{
    (void)context;
    sg_simulated_read_flex(&simulated, counts);
    return true;
}

static void print(const float *values, int count)
{
    for (int i = 0; i < count; i++) {
        printf(" %.4f", (double)values[i]);
    }
}

static void sample(uint32_t begin_us, uint32_t now_us)
{
    const struct sg_board board = {.name = "simulated", .read_imu = read_imu, .read_flex = read_flex};
    struct sg_frame frame;
    float flex[SG_FINGERS], angles[3];
    sg_simulated_set_time(&simulated, now_us);
    sg_simulated_truth(&simulated, flex, angles);
    if (sg_hand_measure(&hand, &board, now_us, &frame)) {
        exit(EXIT_FAILURE);
    }
    printf("%" PRIu32 " %d", now_us - begin_us, (int)sg_simulated_letter(&simulated));
    print(flex, SG_FINGERS);
    print(angles, 3);
    print(frame.flex, SG_FINGERS);
    print(frame.angles, 3);
    printf("\n");
}

int main(int count, char **arguments)
{
    uint32_t numbers[4];
    if (count != 5) {
        return EXIT_FAILURE;
    }
    for (int i = 0; i < 4; i++) {
        numbers[i] = (uint32_t)strtoul(arguments[i + 1], NULL, 10);
    }
    sg_simulated_start(&simulated, spelled, sizeof spelled / sizeof spelled[0], numbers[3], numbers[0]);
    sg_hand_start(&hand);
    for (uint32_t i = 0; i < numbers[2]; i++) {
        sample(numbers[0], numbers[0] + i * numbers[1]);
    }
    return EXIT_SUCCESS;
}
