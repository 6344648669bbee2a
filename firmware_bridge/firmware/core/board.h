/* The board as the core uses it: sensors, and a serial link that never blocks. The clock is an argument of
 * sg_glove_poll, so that the core is the same on a chip, in a simulator and in a test. */
#ifndef SG_BOARD_H
#define SG_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SG_FINGERS 5

/* The send buffer that a board needs at least: messages are only written whole. A message that does not fit waits
 * (remarks, headers) or is dropped (frames), so space() must reach this when everything is sent. */
#define SG_MESSAGE_MAX 192

struct sg_board {
    /* The name in the greeting: "STM32F405". ASCII, cut off after 40 characters. */
    const char *name;

    /* Passed to every function below; the board's own, may be NULL. */
    void *context;

    /* Read the motion sensor now. acceleration: x y z in g (1 at rest, pointing up: flat on the table is 0 0 1);
     * rate: turn about x y z in degrees/s, right-handed. Return false when the sensor cannot be read: the frame is then
     * left out and shows as missing. Never return the last sample again. */
    bool (*read_imu)(void *context, float acceleration[3], float rate[3]);

    /* Read the flex sensors of thumb to little finger now, in ADC counts. Return false when they cannot be read. */
    bool (*read_flex)(void *context, uint16_t counts[SG_FINGERS]);

    /* Return the number of bytes that write() accepts now. */
    size_t (*space)(void *context);

    /* Send bytes without waiting. Called only with size <= space(). */
    void (*write)(void *context, const uint8_t *bytes, size_t size);

    /* Take the next byte from the computer without waiting; return false when there is none. */
    bool (*receive)(void *context, uint8_t *byte);

    /* The highest reading of read_flex's converter, which the header states: 1023 for 10 bits. 0: none is stated. */
    uint16_t flex_most;
};

#endif
