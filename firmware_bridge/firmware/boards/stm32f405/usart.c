#include "usart.h"

#include "registers.h"

#ifndef SG_BAUD
#define SG_BAUD 115200u
#endif

/* Powers of two, so that the counters below may wrap. */
enum { SENT_SIZE = 1024, RECEIVED_SIZE = 256 };
enum { RE = 2, TE = 3, RXNEIE = 5, TXEIE = 7, UE = 13 };
enum { RXNE = 5, TXE = 7 };
enum { GPIOAEN = 0, USART1EN = 4 };

/* One side writes only `in`, the other only `out`: no lock is needed. */
static uint8_t sent[SENT_SIZE];
static volatile uint16_t sent_in, sent_out;
static uint8_t received[RECEIVED_SIZE];
static volatile uint16_t received_in, received_out;

void usart_start(const struct clock *clock)
{
    RCC_AHB1ENR |= BIT(GPIOAEN);
    RCC_APB2ENR |= BIT(USART1EN);
    GPIOA_MODER = (GPIOA_MODER & ~(15u << 18)) | 10u << 18; /* PA9 and PA10 belong to a peripheral */
    GPIOA_AFRH = (GPIOA_AFRH & ~(255u << 4)) | 7u << 4 | 7u << 8; /* number 7 */
    GPIOA_PUPDR = (GPIOA_PUPDR & ~(3u << 20)) | 1u << 20; /* pulled up: an open line is idle */
    USART1_BRR = (clock->peripheral2_hz + SG_BAUD / 2u) / SG_BAUD;
    USART1_CR1 = BIT(UE) | BIT(TE) | BIT(RE) | BIT(RXNEIE);
    NVIC_ISER1 = BIT(USART1_IRQ - 32);
}

static void enable_interrupt(uint32_t bit)
{
    __asm__ volatile("cpsid i" ::: "memory");
    USART1_CR1 |= bit;
    __asm__ volatile("cpsie i" ::: "memory");
}

/* Take received bytes; one for which the ring is full stays in the port until usart_receive makes space. */
static void take_received(void)
{
    while (USART1_SR & BIT(RXNE)) {
        if ((uint16_t)(received_in - received_out) == RECEIVED_SIZE) {
            USART1_CR1 &= ~BIT(RXNEIE);
            return;
        }
        received[received_in % RECEIVED_SIZE] = (uint8_t)USART1_DR;
        received_in++;
    }
}

static void send_waiting(void)
{
    while (sent_in != sent_out && USART1_SR & BIT(TXE)) {
        USART1_DR = sent[sent_out % SENT_SIZE];
        sent_out++;
    }
    if (sent_in == sent_out) {
        USART1_CR1 &= ~BIT(TXEIE);
    }
}

void usart1_handler(void)
{
    take_received();
    send_waiting();
}

size_t usart_room(void) { return SENT_SIZE - (uint16_t)(sent_in - sent_out); }

void usart_write(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sent[(uint16_t)(sent_in + i) % SENT_SIZE] = bytes[i];
    }
    __asm__ volatile("" ::: "memory"); /* the bytes are written before they are counted */
    sent_in = (uint16_t)(sent_in + size);
    enable_interrupt(BIT(TXEIE));
    NVIC_ISPR1 = BIT(USART1_IRQ - 32); /* QEMU 7.2 has no interrupt for TXE; on silicon this changes nothing */
}

bool usart_has_received(void) { return received_in != received_out; }

bool usart_receive(uint8_t *byte)
{
    if (!usart_has_received()) {
        return false;
    }
    *byte = received[received_out % RECEIVED_SIZE];
    received_out++;
    if (!(USART1_CR1 & BIT(RXNEIE))) {
        enable_interrupt(BIT(RXNEIE));
    }
    return true;
}
