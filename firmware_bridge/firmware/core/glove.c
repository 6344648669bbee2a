#include "glove.h"

#include <stddef.h>

enum { BYTES_PER_POLL = SG_COMMAND_MAX }; /* a flood of bytes must not delay the sensors */
static const char MS_BETWEEN_FRAMES[] = " ms between frames";
static const char UNKNOWN_COMMAND[] = "error=unknown_command; unknown command; known: interval,MS header recal yawzero "
                                      "format,text|binary letters,on|only|off";
static const char NO_NETWORK[] = "error=no_network; this glove has no network";
static const uint32_t FAULT_REMARK_US = 1000000u;
static const uint32_t RECAL_TIMEOUT_US = 10000000u;

static uint32_t nearest_interval(uint32_t interval_us)
{
    if (interval_us < SG_INTERVAL_MIN_US) {
        return SG_INTERVAL_MIN_US;
    }
    return interval_us > SG_INTERVAL_MAX_US ? SG_INTERVAL_MAX_US : interval_us;
}

static void greet(struct sg_glove *glove)
{
    char name[41] = {0};
    for (size_t i = 0; i + 1 < sizeof name && glove->board->name[i]; i++) {
        name[i] = glove->board->name[i];
    }
    sg_sender_begin_remark(&glove->sender, "scaleglove firmware " SG_FIRMWARE_VERSION " on ");
    sg_sender_append(&glove->sender, name);
    sg_sender_append(&glove->sender, ", ");
    sg_sender_append_ms(&glove->sender, glove->schedule.interval_us);
    sg_sender_append(&glove->sender, MS_BETWEEN_FRAMES);
    sg_sender_queue_header(&glove->sender);
}

void sg_glove_init(struct sg_glove *glove, const struct sg_board *board, const struct sg_settings *settings,
                   uint32_t now_us)
{
    *glove = (struct sg_glove){
        .board = board, .network = settings->network, .acceleration = settings->acceleration};
    sg_schedule_start(&glove->schedule, now_us, nearest_interval(settings->interval_us));
    sg_hand_start(&glove->hand);
    sg_command_start(&glove->line);
    sg_sender_start(&glove->sender, board, settings->format, settings->acceleration);
    greet(glove);
}

static void change_interval(struct sg_glove *glove, uint32_t interval_us, uint32_t now_us)
{
    sg_schedule_change(&glove->schedule, now_us, interval_us);
    sg_sender_begin_remark(&glove->sender, "interval_ms=");
    sg_sender_append_ms(&glove->sender, interval_us);
    sg_sender_append(&glove->sender, "; ");
    sg_sender_append_ms(&glove->sender, interval_us);
    sg_sender_append(&glove->sender, MS_BETWEEN_FRAMES);
}

/* The answer comes when the hand has been still. */
static void begin_recal(struct sg_glove *glove, uint32_t now_us)
{
    sg_gyro_bias_renew(&glove->hand.bias);
    glove->recalibrating = true;
    glove->recal_us = now_us;
}

/* Say which labels the network has; those of no vocabulary that readers know follow, one after each sample. */
static void append_vocabulary(struct sg_glove *glove)
{
    const struct sg_network *network = glove->network;
    if (network->vocabulary) {
        sg_sender_append(&glove->sender, "vocabulary=");
        sg_sender_append(&glove->sender, network->vocabulary);
        sg_sender_append(&glove->sender, " ");
    }
    sg_sender_append(&glove->sender, "labels=");
    sg_sender_append_whole(&glove->sender, network->label_count);
    glove->labels_left = network->vocabulary ? 0 : network->label_count;
}

/* Say the next of the labels that are left, unless another remark waits. */
static void say_label(struct sg_glove *glove)
{
    if (glove->labels_left == 0 || sg_sender_waits(&glove->sender)) {
        return;
    }
    const uint8_t place = (uint8_t)(glove->network->label_count - glove->labels_left);
    glove->labels_left--;
    sg_sender_begin_remark(&glove->sender, "label=");
    sg_sender_append_whole(&glove->sender, place);
    sg_sender_append(&glove->sender, "; ");
    sg_sender_append(&glove->sender, glove->network->labels[place]);
}

static void change_letters(struct sg_glove *glove, enum sg_letters letters)
{
    static const char *const values[] = {
        [SG_LETTERS_OFF] = "letters=off ", [SG_LETTERS_ON] = "letters=on ", [SG_LETTERS_ONLY] = "letters=only "};
    static const char *const words[] = {
        [SG_LETTERS_OFF] = "; letters off", [SG_LETTERS_ON] = "; letters on", [SG_LETTERS_ONLY] = "; letters only"};
    if (!glove->network) {
        sg_sender_begin_remark(&glove->sender, NO_NETWORK);
        return;
    }
    if (glove->letters == SG_LETTERS_OFF) {
        sg_recogniser_start(&glove->recogniser, glove->network); /* it has not seen the frames since */
    }
    glove->letters = letters;
    sg_sender_begin_remark(&glove->sender, values[letters]);
    append_vocabulary(glove);
    sg_sender_append(&glove->sender, words[letters]);
}

static void say_labels(struct sg_glove *glove)
{
    sg_sender_begin_remark(&glove->sender, glove->network ? "" : NO_NETWORK);
    if (glove->network) {
        append_vocabulary(glove);
    }
}

static void execute(struct sg_glove *glove, const struct sg_command *command, uint32_t now_us)
{
    struct sg_sender *sender = &glove->sender;
    switch (command->kind) {
    case SG_COMMAND_HEADER:
        sg_sender_queue_header(sender);
        break;
    case SG_COMMAND_INTERVAL:
        change_interval(glove, command->interval_us, now_us);
        break;
    case SG_COMMAND_INTERVAL_REFUSED:
        sg_sender_begin_remark(sender, "error=interval_out_of_range; interval takes 1 to 1000 milliseconds");
        break;
    case SG_COMMAND_RECAL:
        begin_recal(glove, now_us);
        break;
    case SG_COMMAND_YAWZERO:
        sg_orientation_zero_yaw(&glove->hand.orientation);
        sg_sender_begin_remark(sender, "done=yawzero; yaw is 0 here");
        break;
    case SG_COMMAND_FORMAT:
        sg_sender_change_format(sender, command->format);
        sg_sender_begin_remark(sender, command->format == SG_FORMAT_BINARY ? "format=binary; format binary"
                                                                  : "format=text; format text");
        break;
    case SG_COMMAND_FORMAT_REFUSED:
        sg_sender_begin_remark(sender, "error=unknown_format; format takes text or binary");
        break;
    case SG_COMMAND_LETTERS:
        change_letters(glove, command->letters);
        break;
    case SG_COMMAND_LABELS:
        say_labels(glove);
        break;
    case SG_COMMAND_LETTERS_REFUSED:
        sg_sender_begin_remark(sender, "error=unknown_letters_mode; letters takes on, only or off");
        break;
    case SG_COMMAND_UNKNOWN:
        sg_sender_begin_remark(sender, UNKNOWN_COMMAND);
        break;
    }
}

/* Take commands until an answer waits for space; the board keeps the rest. */
static void receive(struct sg_glove *glove, uint32_t now_us)
{
    const struct sg_board *board = glove->board;
    struct sg_command command;
    uint8_t byte;
    for (int i = 0; i < BYTES_PER_POLL && !sg_sender_waits(&glove->sender); i++) {
        if (!board->receive(board->context, &byte)) {
            return;
        }
        if (sg_command_take(&glove->line, byte, &command)) {
            execute(glove, &command, now_us);
            sg_sender_send_waiting(&glove->sender, glove->sequence, now_us);
        }
    }
}

static void answer_recal(struct sg_glove *glove, uint32_t now_us)
{
    if (!glove->recalibrating || sg_sender_waits(&glove->sender)) {
        return;
    }
    if (glove->hand.bias.found) {
        sg_sender_begin_remark(&glove->sender, "done=recal; recalibrated");
        glove->recalibrating = false;
    } else if (now_us - glove->recal_us > RECAL_TIMEOUT_US) {
        sg_sender_begin_remark(&glove->sender, "error=hand_moved; not recalibrated: hold the hand still for a second");
        glove->recalibrating = false;
    }
}

static void report_fault(struct sg_glove *glove, uint32_t now_us, const char *text)
{
    if (sg_sender_waits(&glove->sender) || (glove->reported && now_us - glove->reported_us < FAULT_REMARK_US)) {
        return;
    }
    glove->reported = true;
    glove->reported_us = now_us;
    sg_sender_begin_remark(&glove->sender, text);
}

/* Send the frame, a letter, or both; a letter follows its newest frame. */
static void send(struct sg_glove *glove, const struct sg_frame *frame)
{
    struct sg_letter_message letter;
    if (glove->letters != SG_LETTERS_ONLY) {
        sg_sender_send_frame(&glove->sender, frame);
    }
    if (glove->letters != SG_LETTERS_OFF && sg_recogniser_take(&glove->recogniser, frame, &letter)) {
        sg_sender_send_letter(&glove->sender, &letter);
    }
}

/* Do a piece of work on the pending letter if the next sample leaves time for it, and return how long the board may
 * then sleep. Do none after a sample: that may have taken long, and the next poll knows the time. */
static uint32_t work(struct sg_glove *glove, bool sampled, uint32_t wait_us)
{
    struct sg_letter_message letter;
    if (glove->letters == SG_LETTERS_OFF || !glove->recogniser.waits || wait_us < SG_PIECE_US) {
        return wait_us;
    }
    if (!sampled && sg_recogniser_work(&glove->recogniser, &letter)) {
        sg_sender_send_letter(&glove->sender, &letter);
    }
    return 0;
}

/* Take the last of the `due` samples. All of them are numbered, so that one that is missed, unreadable or without space
 * shows as missing. */
static void sample(struct sg_glove *glove, uint32_t now_us, uint32_t due)
{
    struct sg_frame frame = {
        .time_us = now_us,
        .sequence = (uint16_t)(glove->sequence + due - 1),
        .has_acceleration = glove->acceleration,
    };
    glove->sequence = (uint16_t)(frame.sequence + 1);
    const char *trouble = sg_hand_measure(&glove->hand, glove->board, now_us, &frame);
    if (trouble) {
        report_fault(glove, now_us, trouble);
    } else {
        send(glove, &frame);
    }
}

uint32_t sg_glove_poll(struct sg_glove *glove, uint32_t now_us)
{
    sg_sender_send_waiting(&glove->sender, glove->sequence, now_us);
    receive(glove, now_us);
    const uint32_t due = sg_schedule_due(&glove->schedule, now_us);
    if (due > 0) {
        sample(glove, now_us, due);
        say_label(glove);
    }
    answer_recal(glove, now_us);
    sg_sender_send_waiting(&glove->sender, glove->sequence, now_us);
    return sg_sender_waits(&glove->sender) ? 0 : work(glove, due > 0, sg_schedule_wait(&glove->schedule, now_us));
}
