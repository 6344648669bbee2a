/* Serial port 1 on PA9 (to the computer) and PA10, by interrupts in both directions. */
#ifndef USART_H
#define USART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

void usart_start(const struct clock *clock);

/* Return the number of bytes that usart_write accepts now. */
size_t usart_room(void);

/* Send bytes, at most usart_room() of them. */
void usart_write(const uint8_t *bytes, size_t size);

/* Take the next received byte; return false when there is none. */
bool usart_receive(uint8_t *byte);

/* Whether there are received bytes to take. */
bool usart_has_received(void);

#endif
