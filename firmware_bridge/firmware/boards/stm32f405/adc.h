/* The flex sensors: each in a voltage divider, on PA0 (thumb) to PA4 (little finger). */
#ifndef ADC_H
#define ADC_H

#include <stdbool.h>
#include <stdint.h>

#define ADC_MOST 1023 /* 10 bits, as the gloves that the models were trained on */

void adc_start(void);

/* Read a channel, 0 to 4: 0 to ADC_MOST. Return false when the converter does
 * not finish. */
bool adc_read(uint32_t channel, uint16_t *counts);

#endif
