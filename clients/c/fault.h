/* The kinds of damage: the words are those of Fault in firmware_bridge/codec/events.py. */
#ifndef SG_FAULT_H
#define SG_FAULT_H

enum sg_fault {
    SG_FAULT_NONE,
    SG_FAULT_FIELDS,
    SG_FAULT_NUMBER,
    SG_FAULT_FINITE,
    SG_FAULT_RANGE,
    SG_FAULT_ASCII,
    SG_FAULT_LONG,
    SG_FAULT_HEADER,
    SG_FAULT_ORDER,
    SG_FAULT_COBS,
    SG_FAULT_LENGTH,
    SG_FAULT_VERSION,
    SG_FAULT_TYPE,
    SG_FAULT_CRC,
    SG_FAULT_CUT,
};

/* Return the fault in words, "" for none. */
const char *sg_fault_words(enum sg_fault fault);

#endif
