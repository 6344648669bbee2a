#include "window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sg_window_push(struct sg_window *window, const float frame[SG_CHANNELS])
{
    if (window->count == SG_WINDOW_FRAMES) {
        memmove(window->frames[0], window->frames[1], sizeof window->frames - sizeof window->frames[0]);
        window->count--;
    }
    memcpy(window->frames[window->count++], frame, sizeof window->frames[0]);
}

size_t sg_window_bytes(const struct sg_window *window)
{
    return window->count * sizeof window->frames[0];
}

size_t sg_window_head(const struct sg_window *window, const struct sg_service *service, float rate_hz, char *head,
                      size_t space)
{
    const bool locked = service->token != NULL;
    const int length = snprintf(
        head, space,
        "POST /v1/predict?sample_rate_hz=%.3f&top_k=1 HTTP/1.1\r\n"
        "Host: %s:%u\r\n"
        "Content-Type: application/octet-stream\r\n"
        "Content-Length: %lu\r\n"
        "%s%s%s"
        "Connection: close\r\n\r\n",
        (double)rate_hz, service->host, service->port, (unsigned long)sg_window_bytes(window),
        locked ? "Authorization: Bearer " : "", locked ? service->token : "", locked ? "\r\n" : "");
    return length > 0 && (size_t)length < space ? (size_t)length : 0;
}

/* Return the text behind `key` in the first prediction of an answer; NULL without it. */
static const char *value_of(const char *predictions, const char *key)
{
    const char *found = strstr(predictions, key);
    return found == NULL ? NULL : found + strlen(key);
}

/* Read a JSON string without escapes, which letters and states never need; return false for anything else or too
 * long. */
static bool read_text(const char *value, char *text, size_t space)
{
    const char *end = value == NULL || *value != '"' ? NULL : strchr(value + 1, '"');
    if (end == NULL || (size_t)(end - value) > space) {
        return false;
    }
    const size_t length = (size_t)(end - value) - 1;
    memcpy(text, value + 1, length);
    text[length] = '\0';
    return true;
}

bool sg_read_answer(const char *answer, struct sg_letter *letter)
{
    memset(letter, 0, sizeof *letter);
    const char *predictions = strncmp(answer, "HTTP/1.1 200", 12) == 0 ? strstr(answer, "\"predictions\":[") : NULL;
    if (predictions == NULL || strstr(predictions, "]}") == NULL) {
        return false;
    }
    const char *label = value_of(predictions, "\"label\":"), *confidence = value_of(predictions, "\"confidence\":");
    const bool fits = label != NULL && *label == '"';
    struct sg_letter read = {{0}, {0}, 0.0f};
    if (!read_text(value_of(predictions, "\"state\":"), read.state, sizeof read.state) ||
        (fits && (confidence == NULL || !read_text(label, read.label, sizeof read.label)))) {
        return false;
    }
    if (fits) {
        read.confidence = strtof(confidence, NULL);
    }
    *letter = read;
    return true;
}
