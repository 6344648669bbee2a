/* Simulated sensors: a hand that fingerspells, as flex sensors and a motion sensor would read it.
 *
 * The hand starts at rest, pointing where yaw is 0, and spells its letters over and over: SG_MOVE_US from one to the
 * next on a minimum-jerk path, SG_HOLD_US at each; between two equal letters it opens, as in the emulator's
 * GloveModel. Portable and deterministic: time is an argument, and the same seed gives the same readings. */
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
    size_t place;                     /* of the present or the next letter */
    enum { SG_RESTING, SG_OPENING, SG_MOVING, SG_HOLDING } phase;
    uint32_t begun_us, length_us;     /* of the phase */
    uint32_t now_us;
    const struct sg_hand_shape *from; /* of a movement */
    const struct sg_hand_shape *to;   /* its end; the shape of a hold */
    uint32_t random;
    uint32_t turned_us;               /* when the motion sensor was last read */
    float turned[4];                  /* the hand's attitude then: quaternion w x y z */
};

/* Start at rest. The letters, at least one, must outlive the hand: they are not copied. */
void sg_simulated_start(struct sg_simulated *hand, const enum sg_letter *letters, size_t count, uint32_t seed,
                        uint32_t now_us);

/* Advance to this time of a free-running microsecond timer. */
void sg_simulated_set_time(struct sg_simulated *hand, uint32_t now_us);

/* Return the present letter; SG_NO_LETTER in movement and at rest. */
enum sg_letter sg_simulated_letter(const struct sg_simulated *hand);

/* Return the hand without noise: flex in ADC counts, pitch, roll and yaw in degrees. */
void sg_simulated_truth(const struct sg_simulated *hand, float flex[SG_FINGERS], float angles[3]);

/* Read the raw motion sensor: the acceleration in g of a hand that is not accelerated, and the turn rate in
 * degrees/s, both with noise, the rate with a bias. The rate is the mean since the last reading, as of a sensor with
 * a filter before it. */
void sg_simulated_read_imu(struct sg_simulated *hand, float acceleration[3], float rate[3]);

/* Read the raw flex sensors: 10-bit ADC counts. */
void sg_simulated_read_flex(struct sg_simulated *hand, uint16_t counts[SG_FINGERS]);

#endif
