/* Serial port 1 on PA9 (to the computer) and PA10, by interrupts in both directions. */
#ifndef USART_H
#define USART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

void usart_start(const struct clock *clock);

/* How many bytes usart_write takes now. */
size_t usart_room(void);

/* Send bytes, at most usart_room() of them. */
void usart_write(const uint8_t *bytes, size_t size);

/* The next byte received; false when there is none. */
bool usart_receive(uint8_t *byte);

/* Bytes have been received and not been taken. */
bool usart_has_received(void);

#endif
