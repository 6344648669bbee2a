/* The newest frames of a glove, the request for their letter to a scaleglove service, and its answer. Portable C99:
 * no allocation, no sockets, no clock. A window is sent as its bytes in memory: little-endian float32, as on every
 * board that runs Arduino and every computer today (docs/reference/rest.md). */
#ifndef SG_WINDOW_H
#define SG_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

enum { SG_CHANNELS = 8, SG_WINDOW_FRAMES = 40, SG_HEAD_BYTES = 384, SG_LABEL_BYTES = 8, SG_STATE_BYTES = 12 };

/* flex1..flex5 in ADC counts, pitch, roll, yaw in degrees; the oldest frame first. Zero it before the first push. */
struct sg_window {
    float frames[SG_WINDOW_FRAMES][SG_CHANNELS];
    size_t count;
};

/* The address of the service; `token` is NULL where it needs none. */
struct sg_service {
    const char *host;
    unsigned port;
    const char *token;
};

/* The prediction for a window: `label` in UTF-8, empty where no letter fits; `state` as in docs/reference/streaming.md. */
struct sg_letter {
    char label[SG_LABEL_BYTES];
    char state[SG_STATE_BYTES];
    float confidence;
};

/* Add the newest frame; the oldest is dropped when the window is full. */
void sg_window_push(struct sg_window *window, const float frame[SG_CHANNELS]);

/* Return the size of the body, which begins at window->frames. */
size_t sg_window_bytes(const struct sg_window *window);

/* Write the head of the request with its empty line; return its length, or 0 without space for it. */
size_t sg_window_head(const struct sg_window *window, const struct sg_service *service, float rate_hz, char *head,
                      size_t space);

/* Read a whole answer, head and body, ended by a zero. Return false, and an empty letter, for an error or a partial
 * one. */
bool sg_read_answer(const char *answer, struct sg_letter *letter);

#endif
