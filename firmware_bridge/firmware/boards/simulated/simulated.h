/* Sensors that are not there: a hand that finger-spells, as flex sensors and a motion sensor would read it.
 *
 * The hand comes from rest, pointing where yaw is 0, and spells its letters over and over: 0.35 s from one to the next
 * on a minimum-jerk path, 1.6 s held; between two equal letters it opens (as firmware_bridge/emulated/glove_model.py
 * does). Portable and deterministic: time is an argument, and the same seed gives the same readings. */
#ifndef SG_SIMULATED_H
#define SG_SIMULATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "letters.h"

struct sg_simulated {
    const enum sg_letter *letters;
    size_t count;
    size_t place;                     /* of the letter that is held or to be held next */
    enum { SG_RESTING, SG_OPENING, SG_MOVING, SG_HOLDING } phase;
    uint32_t begun_us, length_us;     /* of the phase */
    uint32_t now_us;
    const struct sg_hand_shape *from; /* of a movement */
    const struct sg_hand_shape *to;   /* where it leads; what is held */
    uint32_t random;
    uint32_t turned_us;               /* when the motion sensor was last read */
    float turned[4];                  /* and how the hand was turned then: quaternion w x y z */
};

/* A hand at rest. The letters are kept, not copied; there is at least one. */
void sg_simulated_start(struct sg_simulated *hand, const enum sg_letter *letters, size_t count, uint32_t seed,
                        uint32_t now_us);

/* Go on to this time of a free-running microsecond timer. */
void sg_simulated_set_time(struct sg_simulated *hand, uint32_t now_us);

/* The letter that is held now; SG_NO_LETTER in movement and at rest. */
enum sg_letter sg_simulated_letter(const struct sg_simulated *hand);

/* Where the hand is, without noise: flex ADC counts, pitch roll yaw in degrees. */
void sg_simulated_truth(const struct sg_simulated *hand, float flex[SG_FINGERS], float angles[3]);

/* Raw readings: acceleration of a hand that is not accelerated, in g, and turn rate in degrees/s, both with noise, the
 * rate with a bias. The rate is the mean since the last reading, as of a sensor with a filter before it. */
void sg_simulated_read_imu(struct sg_simulated *hand, float acceleration[3], float rate[3]);

/* Raw readings of the flex sensors: 10-bit ADC counts. */
void sg_simulated_read_flex(struct sg_simulated *hand, uint16_t counts[SG_FINGERS]);

#endif
