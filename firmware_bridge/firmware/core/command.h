/* Commands from the computer, one a line: `interval,MS` `header` `recal` `yawzero` `format,text|binary`
 * `letters,on|only|off` `labels`. */
#ifndef SG_COMMAND_H
#define SG_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "letter.h"

#define SG_COMMAND_MAX 64               /* bytes of a line; a longer one is unknown as a whole */
#define SG_INTERVAL_MIN_US 1000u
#define SG_INTERVAL_MAX_US 1000000u

enum sg_format { SG_FORMAT_TEXT, SG_FORMAT_BINARY };

enum sg_command_kind {
    SG_COMMAND_UNKNOWN,
    SG_COMMAND_HEADER,
    SG_COMMAND_INTERVAL,
    SG_COMMAND_INTERVAL_REFUSED,        /* `interval` with anything but 1 to 1000 ms */
    SG_COMMAND_RECAL,
    SG_COMMAND_YAWZERO,
    SG_COMMAND_FORMAT,
    SG_COMMAND_FORMAT_REFUSED,          /* `format` with anything but text or binary */
    SG_COMMAND_LETTERS,
    SG_COMMAND_LETTERS_REFUSED,         /* `letters` with anything but on, only or off */
    SG_COMMAND_LABELS,
};

struct sg_command {
    enum sg_command_kind kind;
    uint32_t interval_us;               /* of SG_COMMAND_INTERVAL: from 1000 to 1000000 */
    enum sg_format format;              /* of SG_COMMAND_FORMAT */
    enum sg_letters letters;            /* of SG_COMMAND_LETTERS */
};

struct sg_command_line {
    char text[SG_COMMAND_MAX];
    uint8_t size;
    bool too_long;
};

/* Start with an empty line. */
void sg_command_start(struct sg_command_line *line);

/* Take the next byte. Return true when it ends a line (\n) that is not blank; *command is then the line's command. */
bool sg_command_take(struct sg_command_line *line, uint8_t byte, struct sg_command *command);

#endif
