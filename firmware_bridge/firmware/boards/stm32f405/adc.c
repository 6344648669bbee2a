#include "adc.h"

#include "clock.h"
#include "registers.h"

enum { GPIOAEN = 0, ADC1EN = 8 };
enum { ADON = 0, SWSTART = 30, EOC = 1 };
static const uint32_t TEN_BITS = 1u << 24;
static const uint32_t CLOCK_BY_4 = 1u << 16;          /* 21 MHz of the 36 allowed */
static const uint32_t SAMPLE_84_CYCLES = 04444444444u; /* 4 us on each channel: a divider of 10 kOhm settles in less */

void adc_start(void)
{
    RCC_AHB1ENR |= BIT(GPIOAEN);
    RCC_APB2ENR |= BIT(ADC1EN);
    GPIOA_MODER |= 0x3FFu; /* PA0 to PA4 are analogue */
    ADC_CCR = CLOCK_BY_4;
    ADC1_CR1 = TEN_BITS;
    ADC1_SMPR2 = SAMPLE_84_CYCLES;
    ADC1_SQR1 = 0; /* one conversion at a time */
    ADC1_CR2 = BIT(ADON);
}

bool adc_read(uint32_t channel, uint16_t *counts)
{
    ADC1_SQR3 = channel;
    ADC1_SR = 0;
    ADC1_CR2 |= BIT(SWSTART);
    if (!wait_for(&ADC1_SR, BIT(EOC))) {
        return false;
    }
    *counts = (uint16_t)ADC1_DR;
    return true;
}
