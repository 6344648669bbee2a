/* The sketch's client on a computer: posts frames from standard input, eight numbers a line, to the service and
 * prints the letter of the newest window. `post_frames HOST PORT [TOKEN]` */
#define _POSIX_C_SOURCE 200112L

#include "window.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_BYTES = 4096 };

static const float RATE_HZ = 50.0f;

static int connect_to(const char *host, const char *port)
{
    struct addrinfo wanted = {0}, *found;
    wanted.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &wanted, &found) != 0) {
        return -1;
    }
    int made = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (made >= 0 && connect(made, found->ai_addr, found->ai_addrlen) != 0) {
        close(made);
        made = -1;
    }
    freeaddrinfo(found);
    return made;
}

static bool write_all(int to, const void *bytes, size_t count)
{
    const char *next = bytes;
    while (count > 0) {
        const ssize_t written = write(to, next, count);
        if (written <= 0) {
            return false;
        }
        next += written;
        count -= (size_t)written;
    }
    return true;
}

static void read_all(int from, char answer[ANSWER_BYTES])
{
    size_t length = 0;
    ssize_t got = 0;
    while (length < ANSWER_BYTES - 1 && (got = read(from, answer + length, ANSWER_BYTES - 1 - length)) > 0) {
        length += (size_t)got;
    }
    answer[length] = '\0';
}

static bool ask(const struct sg_window *window, const struct sg_service *service, const char *port)
{
    char head[SG_HEAD_BYTES], answer[ANSWER_BYTES];
    struct sg_letter letter;
    const size_t length = sg_window_head(window, service, RATE_HZ, head, sizeof head);
    const int to = length == 0 ? -1 : connect_to(service->host, port);
    if (to < 0) {
        fprintf(stderr, "cannot reach %s:%s\n", service->host, port);
        return false;
    }
    const bool sent = write_all(to, head, length) && write_all(to, window->frames, sg_window_bytes(window));
    if (sent) {
        read_all(to, answer);
    }
    close(to);
    if (!sent || !sg_read_answer(answer, &letter)) {
        fprintf(stderr, "refused: %s\n", sent ? answer : "the connection was lost");
        return false;
    }
    printf("%s %s %.3f\n", letter.state, letter.label, (double)letter.confidence);
    return true;
}

int main(int argc, char **argv)
{
    static struct sg_window window;
    float frame[SG_CHANNELS];
    int channel = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: post_frames HOST PORT [TOKEN] < frames\n");
        return 2;
    }
    const struct sg_service service = {argv[1], (unsigned)strtoul(argv[2], NULL, 10), argc > 3 ? argv[3] : NULL};
    while (scanf("%f", &frame[channel]) == 1) {
        if (++channel == SG_CHANNELS) {
            channel = 0;
            sg_window_push(&window, frame);
        }
    }
    return window.count > 0 && ask(&window, &service, argv[2]) ? 0 : 1;
}
