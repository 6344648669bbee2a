/* CRC-16/IBM-3740, also called CRC-16/CCITT-FALSE: polynomial 0x1021, begins with 0xFFFF, not reflected. */
#ifndef SG_CRC16_H
#define SG_CRC16_H

#include <stddef.h>
#include <stdint.h>

/* The CRC of the bytes; of "123456789" it is 0x29B1. */
uint16_t sg_crc16(const uint8_t *bytes, size_t size);

#endif
