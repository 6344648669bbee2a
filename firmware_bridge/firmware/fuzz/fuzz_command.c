/* Any bytes typed at the glove: every command is within its bounds, and the state stays valid. */
#include <stdlib.h>

#include "command.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sg_command_line line;
    struct sg_command command;
    sg_command_start(&line);
    for (size_t i = 0; i < size; i++) {
        const bool taken = sg_command_take(&line, bytes[i], &command);
        expect(!taken || bytes[i] == '\n');
        expect(line.size <= SG_COMMAND_MAX && (bytes[i] != '\n' || line.size == 0));
        if (taken && command.kind == SG_COMMAND_INTERVAL) {
            expect(command.interval_us >= SG_INTERVAL_MIN_US && command.interval_us <= SG_INTERVAL_MAX_US);
        }
    }
    return 0;
}
