// See Arduino.h.
#pragma once

#include <stddef.h>
#include <stdint.h>

class TwoWire {
public:
    bool begin();
    bool setClock(uint32_t hz);
    void setTimeOut(uint16_t ms);
    void beginTransmission(uint8_t address);
    uint8_t endTransmission(bool stop = true);
    size_t requestFrom(uint8_t address, size_t size);
    size_t readBytes(uint8_t *bytes, size_t size);
    size_t write(uint8_t byte);
};

extern TwoWire Wire;
