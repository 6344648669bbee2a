#include "fault.h"

#include <stddef.h>

static const char *const WORDS[] = {
    [SG_FAULT_NONE] = "",
    [SG_FAULT_FIELDS] = "wrong number of fields",
    [SG_FAULT_NUMBER] = "not a number",
    [SG_FAULT_FINITE] = "NaN or infinity",
    [SG_FAULT_RANGE] = "out of range",
    [SG_FAULT_ASCII] = "not ASCII",
    [SG_FAULT_LONG] = "line too long",
    [SG_FAULT_HEADER] = "header that does not name a frame",
    [SG_FAULT_ORDER] = "follows a header that does not name a frame",
    [SG_FAULT_COBS] = "not COBS",
    [SG_FAULT_LENGTH] = "wrong length",
    [SG_FAULT_VERSION] = "unknown version",
    [SG_FAULT_TYPE] = "unknown type",
    [SG_FAULT_CRC] = "wrong CRC",
    [SG_FAULT_CUT] = "cut off",
};

const char *sg_fault_words(enum sg_fault fault)
{
    const size_t place = (size_t)fault;
    return place < sizeof WORDS / sizeof *WORDS ? WORDS[place] : "";
}
