/* The sequences of ST RM0090, 27.3.3 "I2C master mode". */
#include "i2c.h"

#include "registers.h"

enum { GPIOBEN = 1, I2C1EN = 21 };
enum { PE = 0, START = 8, STOP = 9, ACK = 10, SWRST = 15 };
enum { SB = 0, ADDR = 1, BTF = 2, RXNE = 6, TXE = 7 };
enum { FAST_MODE = 15 };
static const uint32_t BUS_HZ = 400000u;

static uint32_t peripheral_hz;

/* Reset the peripheral, also from the state that a failed transfer left. */
static void reset(void)
{
    I2C1_CR1 = BIT(SWRST);
    I2C1_CR1 = 0;
    I2C1_CR2 = peripheral_hz / 1000000u;
    I2C1_CCR = BIT(FAST_MODE) | (peripheral_hz + 3u * BUS_HZ - 1u) / (3u * BUS_HZ);
    I2C1_TRISE = peripheral_hz / 1000000u * 3u / 10u + 1u; /* 300 ns */
    I2C1_CR1 = BIT(PE);
}

void i2c_start(const struct clock *clock)
{
    peripheral_hz = clock->peripheral1_hz;
    RCC_AHB1ENR |= BIT(GPIOBEN);
    RCC_APB1ENR |= BIT(I2C1EN);
    GPIOB_OTYPER |= 3u << 6; /* both lines are only ever pulled down */
    GPIOB_PUPDR = (GPIOB_PUPDR & ~(15u << 12)) | 5u << 12;
    GPIOB_AFRL = (GPIOB_AFRL & ~(255u << 24)) | 68u << 24; /* peripheral number 4 */
    GPIOB_MODER = (GPIOB_MODER & ~(15u << 12)) | 10u << 12;
    reset();
}

static bool failed(void)
{
    I2C1_CR1 |= BIT(STOP);
    reset();
    return false;
}

/* Send a start condition and the address, read (1) or write (0), and wait for the acknowledge. */
static bool address_device(uint8_t address, uint32_t read)
{
    I2C1_CR1 |= BIT(START);
    if (!wait_for(&I2C1_SR1, BIT(SB))) {
        return false;
    }
    I2C1_DR = (uint32_t)address << 1 | read;
    return wait_for(&I2C1_SR1, BIT(ADDR));
}

static bool send(uint8_t byte)
{
    if (!wait_for(&I2C1_SR1, BIT(TXE))) {
        return false;
    }
    I2C1_DR = byte;
    return wait_for(&I2C1_SR1, BIT(BTF));
}

static bool name_register(uint8_t address, uint8_t device_register)
{
    if (!address_device(address, 0)) {
        return false;
    }
    (void)I2C1_SR2; /* after SR1, this lets the transfer continue */
    return send(device_register);
}

bool i2c_write(uint8_t address, uint8_t device_register, uint8_t value)
{
    if (!name_register(address, device_register) || !send(value)) {
        return failed();
    }
    I2C1_CR1 |= BIT(STOP);
    return true;
}

/* The last byte is not acknowledged, which must be set before it comes. */
bool i2c_read(uint8_t address, uint8_t device_register, uint8_t *bytes, size_t size)
{
    if (!name_register(address, device_register) || !address_device(address, 1)) {
        return failed();
    }
    I2C1_CR1 |= BIT(ACK);
    for (size_t i = 0; i < size; i++) {
        if (i + 1 == size) {
            I2C1_CR1 &= ~BIT(ACK);
        }
        if (i == 0) {
            (void)I2C1_SR2;
        }
        if (i + 1 == size) {
            I2C1_CR1 |= BIT(STOP);
        }
        if (!wait_for(&I2C1_SR1, BIT(RXNE))) {
            return failed();
        }
        bytes[i] = (uint8_t)I2C1_DR;
    }
    return true;
}
