#include "sender.h"

#include <string.h>

#include "line.h"
#include "number.h"

void sg_sender_start(struct sg_sender *sender, const struct sg_board *board, enum sg_format format, bool acceleration)
{
    *sender = (struct sg_sender){.board = board, .format = format, .acceleration = acceleration, .flush = true};
}

void sg_sender_queue_header(struct sg_sender *sender)
{
    sender->header_waits = sender->format == SG_FORMAT_TEXT || sender->board->flex_most > 0;
}

void sg_sender_change_format(struct sg_sender *sender, enum sg_format format)
{
    sender->format = format;
    sender->flush = true;
    sg_sender_queue_header(sender);
}

static void add(struct sg_sender *sender, const char *text, size_t size)
{
    const size_t left = (size_t)(SG_REMARK_MAX - sender->remark_size);
    size = size < left ? size : left;
    memcpy(sender->remark + sender->remark_size, text, size);
    sender->remark_size = (uint8_t)(sender->remark_size + size);
}

void sg_sender_begin_remark(struct sg_sender *sender, const char *text)
{
    sender->remark_size = 0;
    sg_sender_append(sender, text);
}

void sg_sender_append(struct sg_sender *sender, const char *text) { add(sender, text, strlen(text)); }

void sg_sender_append_ms(struct sg_sender *sender, uint32_t us)
{
    char text[16];
    const char *end = sg_number_write_thousandths_short(text, us);
    add(sender, text, (size_t)(end - text));
}

void sg_sender_append_whole(struct sg_sender *sender, uint8_t number)
{
    sg_sender_append_ms(sender, 1000u * number); /* in microseconds: thousandths without decimals */
}

bool sg_sender_waits(const struct sg_sender *sender) { return sender->remark_size > 0 || sender->header_waits; }

/* Send a whole message; return false when there is no space for it. */
static bool send(struct sg_sender *sender, const void *bytes, size_t size)
{
    const struct sg_board *board = sender->board;
    const uint8_t delimiter = sender->format == SG_FORMAT_BINARY ? 0 : '\n';
    if (size == 0 || board->space(board->context) < size + sender->flush) {
        return false;
    }
    if (sender->flush) {
        board->write(board->context, &delimiter, 1);
        sender->flush = false;
    }
    board->write(board->context, bytes, size);
    return true;
}

static bool send_remark(struct sg_sender *sender, uint16_t next_sequence, uint32_t now_us, const char *text,
                        size_t size)
{
    uint8_t bytes[SG_MESSAGE_MAX] = {'#', ' '};
    if (sender->format == SG_FORMAT_BINARY) {
        return send(sender, bytes, sg_packet_write_remark(bytes, next_sequence, now_us, text, size));
    }
    memcpy(bytes + 2, text, size);
    bytes[2 + size] = '\n';
    return send(sender, bytes, size + 3);
}

/* The packet's type implies the columns; what it does not say of them is a remark. */
static bool send_range(struct sg_sender *sender, uint16_t next_sequence, uint32_t now_us)
{
    static const char words[] = "flex_most=", more[] = "; flex sensors read 0 to ";
    enum { NUMBER_MAX = 9 }; /* 65535.000, of which the decimals are then cut off */
    char text[sizeof words + sizeof more + 2 * NUMBER_MAX];
    const uint32_t most = 1000u * sender->board->flex_most;
    char *end = memcpy(text, words, sizeof words);
    end = sg_number_write_thousandths_short(end + sizeof words - 1, most);
    end = memcpy(end, more, sizeof more);
    end = sg_number_write_thousandths_short(end + sizeof more - 1, most);
    return send_remark(sender, next_sequence, now_us, text, (size_t)(end - text));
}

static bool send_header(struct sg_sender *sender, uint16_t next_sequence, uint32_t now_us)
{
    char line[SG_LINE_MAX];
    if (sender->format == SG_FORMAT_BINARY) {
        return send_range(sender, next_sequence, now_us);
    }
    return send(sender, line, sg_line_write_header(line, sender->acceleration, sender->board->flex_most));
}

void sg_sender_send_waiting(struct sg_sender *sender, uint16_t next_sequence, uint32_t now_us)
{
    if (sender->remark_size > 0) {
        if (!send_remark(sender, next_sequence, now_us, sender->remark, sender->remark_size)) {
            return;
        }
        sender->remark_size = 0;
    }
    if (sender->header_waits) {
        sender->header_waits = !send_header(sender, next_sequence, now_us);
    }
}

bool sg_sender_send_frame(struct sg_sender *sender, const struct sg_frame *frame)
{
    uint8_t wire[SG_WIRE_MAX];
    char line[SG_LINE_MAX];
    if (sg_sender_waits(sender)) {
        return false;
    }
    if (sender->format == SG_FORMAT_BINARY) {
        return send(sender, wire, sg_packet_write_frame(wire, frame));
    }
    return send(sender, line, sg_line_write_frame(line, frame));
}

bool sg_sender_send_letter(struct sg_sender *sender, const struct sg_letter_message *letter)
{
    uint8_t wire[SG_WIRE_MAX];
    char line[SG_LINE_MAX];
    if (sg_sender_waits(sender)) {
        return false;
    }
    if (sender->format == SG_FORMAT_BINARY) {
        return send(sender, wire, sg_packet_write_letter(wire, letter));
    }
    return send(sender, line, sg_line_write_letter(line, letter));
}
