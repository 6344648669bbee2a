#include "decoder.h"

#include <string.h>

#include "packet_reader.h"
#include "remark_reader.h"

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

/* Apply a remark on the frames to come. */
static void apply_remark(struct sg_continuity *continuity, const struct sg_event *remark)
{
    double interval_ms;
    struct sg_words letters;
    if (sg_remark_interval(remark, &interval_ms)) {
        sg_continuity_expect(continuity, interval_ms);
    }
    if (sg_remark_value(remark, "letters", &letters) && sg_words_equal(letters, "only")) {
        sg_continuity_expect_none(continuity);
    }
}

static void emit(struct sg_decoder *decoder, const struct sg_event *event)
{
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
    if (event->kind == SG_EVENT_REMARK) {
        apply_remark(&decoder->continuity, event);
    }
    decoder->sink(decoder->context, event);
}

static void emit_damaged(struct sg_decoder *decoder, enum sg_fault fault, struct sg_words words)
{
    const struct sg_event event = {.kind = SG_EVENT_DAMAGED, .fault = fault, .words = words};
    emit(decoder, &event);
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

static struct sg_event letter_event(const struct sg_letter_message *letter)
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

static void emit_packet(struct sg_decoder *decoder, const struct sg_packet *packet)
{
    struct sg_event event;
    if (packet->type == SG_PACKET_REMARK) {
        event = sg_remark_read((struct sg_words){packet->text, packet->text_size});
    } else if (packet->type == SG_PACKET_LETTER) {
        event = letter_event(&packet->letter);
    } else {
        event = frame_event(&packet->frame);
    }
    emit(decoder, &event);
}

static void take_line(struct sg_decoder *decoder, struct sg_words line)
{
    struct sg_event event;
    if (sg_line_reader_read(&decoder->lines, line, &event)) {
        decoder->known = decoder->known || event.kind != SG_EVENT_DAMAGED;
        emit(decoder, &event);
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

/* Take the lines that a device has written between two packets, and the packet behind them; return false without
 * one. */
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
            emit_packet(decoder, &packet);
            return true;
        }
    }
    return false;
}

/* Report text that a zero has cut off, or damage. */
static void emit_no_packet(struct sg_decoder *decoder, enum sg_fault fault, struct sg_words piece)
{
    emit_damaged(decoder, is_text(piece) ? SG_FAULT_CUT : fault, piece);
}

/* Take the lines that a device wrote among packets; the zero behind them cuts the last one off, if it is not empty. */
static void take_lines(struct sg_decoder *decoder, struct sg_words piece)
{
    bool more = true;
    while (more) {
        const struct sg_words line = sg_words_take(&piece, '\n', &more);
        if (more) {
            take_line(decoder, line);
        } else if (line.size > 0) {
            emit_no_packet(decoder, SG_FAULT_CUT, line);
        }
    }
}

/* Take the bytes between two zeros: a packet, lines with a packet behind them, or lines alone. */
static void take_piece(struct sg_decoder *decoder, struct sg_words piece)
{
    struct sg_packet packet;
    const enum sg_fault fault = sg_packet_read(&packet, (const uint8_t *)piece.text, piece.size);
    if (fault == SG_FAULT_NONE) {
        emit_packet(decoder, &packet);
    } else if (!take_lines_and_packet(decoder, piece)) {
        if (is_text(piece) && memchr(piece.text, '\n', piece.size) != NULL) {
            take_lines(decoder, piece);
        } else {
            emit_no_packet(decoder, fault, piece);
        }
    }
}

/* Whether the link may have been opened in the middle of a binary packet: a packet may contain ends of lines, and the
 * bytes between them are no damage. */
static bool may_be_mid_packet(const struct sg_decoder *decoder)
{
    return decoder->joined_bytes > 0 && decoder->joined_bytes <= SG_ENCODED_MAX && !decoder->known;
}

/* Whether the piece may be a line of a glove, readable or not, rather than bytes between two ends of lines by
 * chance. */
static bool is_line(struct sg_words piece)
{
    bool ascii = true, comma = false;
    for (size_t i = 0; i < piece.size; i++) {
        ascii = ascii && (uint8_t)piece.text[i] < 0x80;
        comma = comma || piece.text[i] == ',';
    }
    return (piece.size > 0 && piece.text[0] == '#') || (ascii && comma);
}

/* Empty the buffer; return its bytes, valid until the next one is added. */
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
    } else if (may_be_mid_packet(decoder) && !is_line(line)) {
        decoder->partial++;
        decoder->joined_bytes += line.size;
    } else {
        take_line(decoder, line);
    }
}

/* End a line with a zero: the first sign of binary. */
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
    if (!was_joining && !may_be_mid_packet(decoder)) {
        take_piece(decoder, piece);
        return;
    }
    if (sg_packet_read(&packet, (const uint8_t *)piece.text, piece.size) == SG_FAULT_NONE) {
        emit_packet(decoder, &packet);
    } else {
        decoder->partial++;
    }
    decoder->joined_bytes += piece.size;
}

/* Skip the rest of a line that is too long. */
static void skip_line(struct sg_decoder *decoder)
{
    const struct sg_words line = release(decoder);
    decoder->skipping = true;
    if (decoder->joining) {
        decoder->joining = false;
        decoder->partial++;
        decoder->joined_bytes += SG_DECODER_LINE_MAX;
    } else {
        emit_damaged(decoder, SG_FAULT_LONG, (struct sg_words){line.text, SG_DECODER_LINE_MAX});
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

/* Turn to text, after more bytes without a zero than a packet can have, and take the buffer as text. */
static void turn_to_text(struct sg_decoder *decoder)
{
    const size_t size = decoder->held_size;
    decoder->binary = false;
    decoder->held_size = 0;
    /* In place: text never buffers more bytes than it takes. */
    for (size_t i = 0; i < size; i++) {
        take_text(decoder, decoder->held[i]);
    }
}

static void take_binary(struct sg_decoder *decoder, uint8_t byte)
{
    if (byte != 0) {
        decoder->held[decoder->held_size++] = byte;
        if (decoder->held_size > SG_ENCODED_MAX) {
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
