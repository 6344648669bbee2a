/* Prints what a glove sends: one line for each event.
 *
 *     print_frames /dev/ttyUSB0
 *     print_frames < recorded.bin
 */
#define _DEFAULT_SOURCE /* cfmakeraw */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "decoder.h"

static void print_words(const char *name, struct sg_words words)
{
    printf("%s: ", name);
    for (size_t i = 0; i < words.size; i++) { /* no control character of a device reaches the terminal */
        const unsigned char c = (unsigned char)words.text[i];
        putchar(c < ' ' || c == 0x7F ? '?' : c);
    }
    putchar('\n');
}

static void print_frame(const struct sg_event *event)
{
    printf("%.3f ms:", event->t_ms);
    for (int i = 0; i < SG_VALUES; i++) {
        printf(" %g", event->values[i]);
    }
    putchar('\n');
}

static void print_remark(const struct sg_event *event)
{
    print_words("remark", event->words);
    for (size_t i = 0; i < event->value_count; i++) {
        const struct sg_remark_value *value = &event->remark_values[i];
        printf("  %.*s = %.*s\n", (int)value->key.size, value->key.text, (int)value->value.size, value->value.text);
    }
}

static void print_event(void *context, const struct sg_event *event)
{
    (void)context;
    switch (event->kind) {
    case SG_EVENT_FRAME:
        print_frame(event);
        break;
    case SG_EVENT_LETTER:
        printf("letter %u at %.3f ms, confidence %.2f\n", event->place, event->t_ms, event->confidence / 255.0);
        break;
    case SG_EVENT_MISSING_BY_SEQUENCE:
    case SG_EVENT_MISSING_BY_TIME:
        printf("%llu frames missing before %.3f ms\n", (unsigned long long)event->count, event->t_ms);
        break;
    case SG_EVENT_REPEATED:
        printf("repeated frame at %.3f ms\n", event->t_ms);
        break;
    case SG_EVENT_RESTARTED:
        printf("device restarted, from %.3f to %.3f ms\n", event->before_ms, event->t_ms);
        break;
    case SG_EVENT_REMARK:
        print_remark(event);
        break;
    case SG_EVENT_HEADER:
        print_words("header", event->words);
        break;
    case SG_EVENT_DAMAGED:
        printf("damaged, %s\n", sg_fault_words(event->fault));
        break;
    }
}

/* 115200 baud, 8 bits, no parity, 1 stop bit, no translation of bytes. */
static int open_port(const char *path)
{
    struct termios settings;
    const int port = open(path, O_RDONLY | O_NOCTTY);
    if (port >= 0 && tcgetattr(port, &settings) == 0) {
        cfmakeraw(&settings);
        cfsetispeed(&settings, B115200);
        cfsetospeed(&settings, B115200);
        tcsetattr(port, TCSANOW, &settings);
    }
    return port;
}

int main(int count, char **arguments)
{
    static struct sg_decoder decoder;
    uint8_t bytes[4096];
    ssize_t size;
    const int port = count > 1 ? open_port(arguments[1]) : STDIN_FILENO;
    if (port < 0) {
        fprintf(stderr, "%s: %s\n", arguments[1], strerror(errno));
        return 1;
    }
    sg_decoder_start(&decoder, print_event, NULL);
    while ((size = read(port, bytes, sizeof bytes)) > 0) {
        sg_decoder_feed(&decoder, bytes, (size_t)size);
        fflush(stdout);
    }
    if (size < 0) {
        perror("read");
    }
    return size < 0;
}
