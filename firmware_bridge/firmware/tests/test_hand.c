/* Filters and orientation: numbers stay finite whatever the sensors do. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "hand.h"

struct sensors {
    float acceleration[3], rate[3];
    uint16_t counts;
    bool imu_works, flex_works;
};

static bool read_imu(void *context, float acceleration[3], float rate[3])
{
    const struct sensors *sensors = context;
    memcpy(acceleration, sensors->acceleration, sizeof sensors->acceleration);
    memcpy(rate, sensors->rate, sizeof sensors->rate);
    return sensors->imu_works;
}

static bool read_flex(void *context, uint16_t counts[SG_FINGERS])
{
    const struct sensors *sensors = context;
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        counts[finger] = sensors->counts;
    }
    return sensors->flex_works;
}

static struct sensors sensors;
static const struct sg_board board = {
    .name = "sensors", .context = &sensors, .read_imu = read_imu, .read_flex = read_flex};
static struct sg_hand hand;
static struct sg_frame frame;

static void begin(void)
{
    sensors = (struct sensors){
        .acceleration = {0.0f, 0.0f, 1.0f}, .counts = 500, .imu_works = true, .flex_works = true};
    sg_hand_start(&hand);
}

static const char FLEX_FAULT[] = "fault=flex_sensors; the flex sensors cannot be read";
static const char IMU_FAULT[] = "fault=motion_sensor; the motion sensor cannot be read";

static void test_trouble_is_named_and_changes_nothing(void)
{
    begin();
    CHECK(sg_hand_measure(&hand, &board, 0, &frame) == NULL);
    const struct sg_hand before = hand;
    sensors.flex_works = false;
    CHECK(strcmp(sg_hand_measure(&hand, &board, 20000, &frame), FLEX_FAULT) == 0);
    sensors.imu_works = false;
    CHECK(strcmp(sg_hand_measure(&hand, &board, 20000, &frame), IMU_FAULT) == 0);
    begin();
    hand = before;
    const float none[] = {NAN, INFINITY, -3e38f, 1.1e6f};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        sensors.rate[1] = none[i];
        CHECK(strcmp(sg_hand_measure(&hand, &board, 20000, &frame), IMU_FAULT) == 0);
    }
    CHECK(memcmp(&before, &hand, sizeof hand) == 0);
}

static void test_extremes_stay_finite(void)
{
    const float extremes[] = {0.0f, 1e-30f, -1.0f, 16.0f, -2000.0f, -1e6f, 1e6f};
    const size_t count = sizeof extremes / sizeof *extremes;
    begin();
    for (size_t i = 0; i < count * count * count; i++) {
        for (int axis = 0; axis < 3; axis++) {
            sensors.acceleration[axis] = extremes[(i / (axis == 0 ? 1 : axis == 1 ? count : count * count)) % count];
            sensors.rate[axis] = extremes[(i + (size_t)axis) % count];
        }
        CHECK(sg_hand_measure(&hand, &board, (uint32_t)i * 1000000u, &frame) == NULL);
        for (int angle = 0; angle < SG_ANGLES; angle++) {
            CHECK(frame.angles[angle] >= -180.0f && frame.angles[angle] <= 180.0f);
        }
    }
}

int main(void)
{
    test_trouble_is_named_and_changes_nothing();
    test_extremes_stay_finite();
    return 0;
}
