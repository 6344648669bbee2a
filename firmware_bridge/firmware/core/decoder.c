#include "decoder.h"

#include <string.h>

#include "command.h"
#include "number_reader.h"
#include "packet.h"

void sg_decoder_start(struct sg_decoder *decoder, sg_event_sink sink, void *context)
{
    *decoder = (struct sg_decoder){.sink = sink, .context = context};
    sg_continuity_start(&decoder->continuity);
    sg_decoder_rejoin(decoder);
}

void sg_decoder_rejoin(struct sg_decoder *decoder)
{
    decoder->held_size = 0;
    decoder->binary = false;
    decoder->joining = true;
    decoder->joined_bytes = 0;
    decoder->known = false;
    decoder->skipping = false;
    sg_line_reader_start(&decoder->lines);
}

static struct sg_words words_of(const uint8_t *bytes, size_t size)
{
    return (struct sg_words){(const char *)bytes, size};
}

/* "20 ms between frames", at most 4 digits and 3 decimals, from 1 to 1000. False when the remark says something else. */
static bool read_interval(struct sg_words remark, double *ms)
{
    bool has_unit, has_decimals;
    const struct sg_words number = sg_words_take(&remark, ' ', &has_unit);
    struct sg_words decimals = number;
    const struct sg_words whole = sg_words_take(&decimals, '.', &has_decimals);
    if (!has_unit || !sg_words_equal(remark, "ms between frames") || whole.size < 1 || whole.size > 4 ||
        (has_decimals && (decimals.size < 1 || decimals.size > 3))) {
        return false;
    }
    for (size_t i = 0; i < number.size; i++) {
        if (i != whole.size && (number.text[i] < '0' || number.text[i] > '9')) {
            return false;
        }
    }
    return sg_number_read(number, ms) == SG_FAULT_NONE && *ms >= SG_INTERVAL_MIN_US / 1000.0 &&
           *ms <= SG_INTERVAL_MAX_US / 1000.0;
}

static void say(struct sg_decoder *decoder, const struct sg_event *event)
{
    double interval_ms;
    if (event->kind == SG_EVENT_FRAME) {
        decoder->known = decoder->known || event->has_sequence;
        sg_continuity_follow(&decoder->continuity, event, decoder->sink, decoder->context);
        return;
    }
    if (event->kind == SG_EVENT_LETTER) {
        struct sg_event letter = *event;
        letter.t_ms = sg_continuity_place(&decoder->continuity, event->t_ms);
        decoder->known = decoder->known || event->has_sequence;
        decoder->sink(decoder->context, &letter);
        return;
    }
    if (event->kind == SG_EVENT_REMARK && read_interval(event->words, &interval_ms)) {
        sg_continuity_expect(&decoder->continuity, interval_ms);
    } else if (event->kind == SG_EVENT_REMARK && sg_words_equal(event->words, "letters only")) {
        sg_continuity_expect_none(&decoder->continuity);
    }
    decoder->sink(decoder->context, event);
}

static void say_damaged(struct sg_decoder *decoder, enum sg_fault fault, struct sg_words words)
{
    const struct sg_event event = {.kind = SG_EVENT_DAMAGED, .fault = fault, .words = words};
    say(decoder, &event);
}

static struct sg_event frame_event(const struct sg_frame *frame)
{
    struct sg_event event = {.kind = SG_EVENT_FRAME,
                             .t_ms = frame->time_us / 1000.0,
                             .has_acceleration = frame->has_acceleration,
                             .sequence = frame->sequence,
                             .has_sequence = true};
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        event.values[finger] = (double)frame->flex[finger];
    }
    for (int angle = 0; angle < SG_ANGLES; angle++) {
        event.values[SG_FINGERS + angle] = (double)frame->angles[angle];
    }
    for (int axis = 0; axis < 3; axis++) {
        event.acceleration[axis] = (double)frame->acceleration[axis];
    }
    return event;
}

static struct sg_event letter_event(const struct sg_letter_said *letter)
{
    struct sg_event event = {.kind = SG_EVENT_LETTER,
                             .t_ms = letter->time_us / 1000.0,
                             .sequence = letter->sequence,
                             .has_sequence = true,
                             .place = letter->place,
                             .confidence = letter->confidence};
    memcpy(event.shares, letter->shares, sizeof event.shares);
    return event;
}

static void say_packet(struct sg_decoder *decoder, const struct sg_packet *packet)
{
    struct sg_event event = {.kind = SG_EVENT_REMARK};
    if (packet->type == SG_PACKET_REMARK) {
        event.words = sg_words_strip((struct sg_words){packet->text, packet->text_size});
    } else if (packet->type == SG_PACKET_LETTER) {
        event = letter_event(&packet->letter);
    } else {
        event = frame_event(&packet->frame);
    }
    say(decoder, &event);
}

static void take_line(struct sg_decoder *decoder, struct sg_words line)
{
    struct sg_event event;
    if (sg_line_reader_read(&decoder->lines, line, &event)) {
        decoder->known = decoder->known || event.kind != SG_EVENT_DAMAGED;
        say(decoder, &event);
    }
}

static bool is_text(struct sg_words words)
{
    for (size_t i = 0; i < words.size; i++) {
        const char c = words.text[i];
        if ((c < ' ' || c > '~') && c != '\t' && c != '\r' && c != '\n') {
            return false;
        }
    }
    return true;
}

/* Lines that a device has written between two packets, and the packet behind them. False when there is none. */
static bool take_lines_and_packet(struct sg_decoder *decoder, struct sg_words piece)
{
    struct sg_packet packet;
    struct sg_words behind = piece;
    for (bool more = true; more;) {
        sg_words_take(&behind, '\n', &more);
        if (more && sg_packet_read(&packet, (const uint8_t *)behind.text, behind.size) == SG_FAULT_NONE) {
            struct sg_words before = {piece.text, piece.size - behind.size - 1};
            for (bool lines = true; lines;) {
                take_line(decoder, sg_words_take(&before, '\n', &lines));
            }
            say_packet(decoder, &packet);
            return true;
        }
    }
    return false;
}

/* No packet: text that a zero has cut off, or damage. */
static void say_no_packet(struct sg_decoder *decoder, enum sg_fault fault, struct sg_words piece)
{
    say_damaged(decoder, is_text(piece) ? SG_FAULT_CUT : fault, piece);
}

/* Lines that a device wrote among packets; the zero behind them cut the last one off, if it is not empty. */
static void take_lines(struct sg_decoder *decoder, struct sg_words piece)
{
    bool more = true;
    while (more) {
        const struct sg_words line = sg_words_take(&piece, '\n', &more);
        if (more) {
            take_line(decoder, line);
        } else if (line.size > 0) {
            say_no_packet(decoder, SG_FAULT_CUT, line);
        }
    }
}

/* What stands between two zeros: a packet, lines with a packet behind them, or lines alone. */
static void take_piece(struct sg_decoder *decoder, struct sg_words piece)
{
    struct sg_packet packet;
    const enum sg_fault fault = sg_packet_read(&packet, (const uint8_t *)piece.text, piece.size);
    if (fault == SG_FAULT_NONE) {
        say_packet(decoder, &packet);
    } else if (!take_lines_and_packet(decoder, piece)) {
        if (is_text(piece) && memchr(piece.text, '\n', piece.size) != NULL) {
            take_lines(decoder, piece);
        } else {
            say_no_packet(decoder, fault, piece);
        }
    }
}

/* A binary packet may have been met in its middle: it may hold ends of lines, and what stands between them is no
 * damage. */
static bool is_in_the_middle(const struct sg_decoder *decoder)
{
    return decoder->joined_bytes > 0 && decoder->joined_bytes <= SG_STUFFED_MAX && !decoder->known;
}

/* It may be a line of a glove, readable or not, rather than what stands between two ends of lines by chance. */
static bool is_line(struct sg_words piece)
{
    bool ascii = true, comma = false;
    for (size_t i = 0; i < piece.size; i++) {
        ascii = ascii && (uint8_t)piece.text[i] < 0x80;
        comma = comma || piece.text[i] == ',';
    }
    return (piece.size > 0 && piece.text[0] == '#') || (ascii && comma);
}

/* Forget what is held; gives it, to be read before the next byte comes. */
static struct sg_words release(struct sg_decoder *decoder)
{
    const struct sg_words piece = words_of(decoder->held, decoder->held_size);
    decoder->held_size = 0;
    return piece;
}

static void end_line(struct sg_decoder *decoder)
{
    const struct sg_words line = release(decoder);
    if (decoder->skipping) {
        decoder->skipping = false;
    } else if (decoder->joining) {
        decoder->joining = false;
        decoder->partial += sg_words_strip(line).size > 0;
        decoder->joined_bytes = line.size;
    } else if (is_in_the_middle(decoder) && !is_line(line)) {
        decoder->partial++;
        decoder->joined_bytes += line.size;
    } else {
        take_line(decoder, line);
    }
}

/* A zero where a line was due: the first sign of binary. */
static void end_line_with_zero(struct sg_decoder *decoder)
{
    const struct sg_words piece = release(decoder);
    const bool was_skipping = decoder->skipping, was_joining = decoder->joining;
    struct sg_packet packet;
    decoder->binary = true;
    decoder->skipping = false;
    decoder->joining = false;
    if (was_skipping || piece.size == 0) {
        return;
    }
    if (!was_joining && !is_in_the_middle(decoder)) {
        take_piece(decoder, piece);
        return;
    }
    if (sg_packet_read(&packet, (const uint8_t *)piece.text, piece.size) == SG_FAULT_NONE) {
        say_packet(decoder, &packet);
    } else {
        decoder->partial++;
    }
    decoder->joined_bytes += piece.size;
}

/* Held is longer than a line may be: skip the rest of it. */
static void skip_line(struct sg_decoder *decoder)
{
    const struct sg_words line = release(decoder);
    decoder->skipping = true;
    if (decoder->joining) {
        decoder->joining = false;
        decoder->partial++;
        decoder->joined_bytes += SG_DECODER_LINE_MAX;
    } else {
        say_damaged(decoder, SG_FAULT_LONG, (struct sg_words){line.text, SG_DECODER_LINE_MAX});
    }
}

static void take_text(struct sg_decoder *decoder, uint8_t byte)
{
    if (byte == 0) {
        end_line_with_zero(decoder);
    } else if (byte == '\n') {
        end_line(decoder);
    } else if (!decoder->skipping) {
        decoder->held[decoder->held_size++] = byte;
        if (decoder->held_size > SG_DECODER_LINE_MAX) {
            skip_line(decoder);
        }
    }
}

/* More bytes without a zero than a packet can have: it is text, and so are those that are held. */
static void turn_to_text(struct sg_decoder *decoder)
{
    const size_t size = decoder->held_size;
    decoder->binary = false;
    decoder->held_size = 0;
    /* In place: text never holds more than it was given. */
    for (size_t i = 0; i < size; i++) {
        take_text(decoder, decoder->held[i]);
    }
}

static void take_binary(struct sg_decoder *decoder, uint8_t byte)
{
    if (byte != 0) {
        decoder->held[decoder->held_size++] = byte;
        if (decoder->held_size > SG_STUFFED_MAX) {
            turn_to_text(decoder);
        }
    } else if (decoder->held_size > 0) {
        take_piece(decoder, release(decoder));
    }
}

void sg_decoder_feed(struct sg_decoder *decoder, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (decoder->binary) {
            take_binary(decoder, bytes[i]);
        } else {
            take_text(decoder, bytes[i]);
        }
    }
}
