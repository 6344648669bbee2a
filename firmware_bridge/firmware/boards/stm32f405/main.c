/* The glove on an STM32F405. */
#include <stddef.h>

#include "adc.h"
#include "clock.h"
#include "glove.h"
#include "sensors.h"
#include "timer.h"
#include "usart.h"

#ifndef SG_INTERVAL_US
#define SG_INTERVAL_US 20000u
#endif
#ifndef SG_FORMAT
#define SG_FORMAT SG_FORMAT_TEXT
#endif
#ifndef SG_ACCELERATION
#define SG_ACCELERATION false
#endif

static size_t space(void *context)
{
    (void)context;
    return usart_room();
}

static void write(void *context, const uint8_t *bytes, size_t size)
{
    (void)context;
    usart_write(bytes, size);
}

static bool receive(void *context, uint8_t *byte)
{
    (void)context;
    return usart_receive(byte);
}

static struct sg_glove glove;

int main(void)
{
    const struct clock clock = clock_start();
    timer_start(&clock);
    usart_start(&clock);
    sensors_start(&clock, timer_now_us());
    const struct sg_board board = {.name = sensors_name,
                                   .read_imu = sensors_read_imu,
                                   .read_flex = sensors_read_flex,
                                   .space = space,
                                   .write = write,
                                   .receive = receive,
                                   .flex_most = ADC_MOST};
    const struct sg_settings settings = {.interval_us = SG_INTERVAL_US,
                                         .format = SG_FORMAT,
                                         .acceleration = SG_ACCELERATION,
                                         .network = sg_network_of_board};
    sg_glove_init(&glove, &board, &settings, timer_now_us());
    for (;;) {
        const uint32_t now_us = timer_now_us();
        sensors_set_time(now_us);
        timer_sleep(now_us + sg_glove_poll(&glove, now_us), usart_has_received);
    }
}
