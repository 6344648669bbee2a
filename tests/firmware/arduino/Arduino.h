// What the sketch uses of Arduino, declared as Espressif's package 2 and 3 have it: enough to compile, not to link.
#pragma once

#include <stddef.h>
#include <stdint.h>

class HardwareSerial {
public:
    size_t setTxBufferSize(size_t size);
    void begin(unsigned long baud);
    int available();
    int availableForWrite();
    int read();
    size_t write(const uint8_t *bytes, size_t size);
};

extern HardwareSerial Serial;

unsigned long micros();
void delay(uint32_t ms);
uint16_t analogRead(uint8_t pin);
void analogReadResolution(uint8_t bits);
