// The glove on an ESP32, by Arduino: a thin layer over the core. `make esp32-sketch` puts both in one folder.
#include <Arduino.h>
#include <Wire.h>

extern "C" {
#include "glove.h"
}

// Pins of the first converter: those of the second do not work with Wi-Fi.
static const uint8_t FLEX_PINS[SG_FINGERS] = {32, 33, 34, 35, 36};
static const uint32_t I2C_HZ = 400000;
static const uint16_t I2C_PATIENCE_MS = 5;

// ST LSM6DS3 data sheet, DocID026899.
static const uint8_t IMU = 0x6A;
static const uint8_t WHO_AM_I = 0x0F, CTRL1_XL = 0x10, CTRL2_G = 0x11, CTRL3_C = 0x12;
static const uint8_t STATUS_REG = 0x1E, OUTX_L_G = 0x22;
static const uint8_t IS_LSM6DS3 = 0x69;
static const uint8_t ACCELERATION_1660_HZ_4_G = 0x88, RATE_1660_HZ_2000_DPS = 0x8C;
static const uint8_t WHOLE_SAMPLES_AND_COUNTING_UP = 0x44;
static const uint8_t BOTH_NEW = 3;
static const float G_PER_LSB = 0.122e-3f, DEGREES_PER_S_PER_LSB = 70e-3f;

static bool imuIsSetUp = false;
static struct sg_board board;
static struct sg_glove glove;

static bool writeImu(uint8_t imuRegister, uint8_t value)
{
    Wire.beginTransmission(IMU);
    Wire.write(imuRegister);
    Wire.write(value);
    return Wire.endTransmission() == 0;
}

static bool readImu(uint8_t imuRegister, uint8_t *bytes, size_t size)
{
    Wire.beginTransmission(IMU);
    Wire.write(imuRegister);
    if (Wire.endTransmission(false) != 0 || Wire.requestFrom(IMU, size) != size) {
        return false;
    }
    return Wire.readBytes(bytes, size) == size;
}

static bool setUpImu()
{
    uint8_t identity = 0;
    return readImu(WHO_AM_I, &identity, 1) && identity == IS_LSM6DS3 &&
           writeImu(CTRL3_C, WHOLE_SAMPLES_AND_COUNTING_UP) && writeImu(CTRL1_XL, ACCELERATION_1660_HZ_4_G) &&
           writeImu(CTRL2_G, RATE_1660_HZ_2000_DPS);
}

static float signedValue(const uint8_t *bytes) { return (int16_t)(bytes[0] | bytes[1] << 8); }

static bool readMotion(void *, float acceleration[3], float rate[3])
{
    uint8_t status = 0, bytes[12] = {0};
    imuIsSetUp = imuIsSetUp || setUpImu();
    imuIsSetUp = imuIsSetUp && readImu(STATUS_REG, &status, 1);
    if (!imuIsSetUp || (status & BOTH_NEW) != BOTH_NEW) {
        return false;
    }
    imuIsSetUp = readImu(OUTX_L_G, bytes, sizeof bytes);
    for (int axis = 0; axis < 3; axis++) {
        rate[axis] = signedValue(bytes + 2 * axis) * DEGREES_PER_S_PER_LSB;
        acceleration[axis] = signedValue(bytes + 6 + 2 * axis) * G_PER_LSB;
    }
    return imuIsSetUp;
}

static bool readFlex(void *, uint16_t counts[SG_FINGERS])
{
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        counts[finger] = analogRead(FLEX_PINS[finger]);
    }
    return true;
}

static size_t space(void *) { return Serial.availableForWrite(); }

static void write(void *, const uint8_t *bytes, size_t size) { Serial.write(bytes, size); }

static bool receive(void *, uint8_t *byte)
{
    const int received = Serial.read();
    *byte = (uint8_t)received;
    return received >= 0;
}

void setup()
{
    Serial.setTxBufferSize(1024);
    Serial.begin(115200);
    Wire.begin();
    Wire.setClock(I2C_HZ);
    Wire.setTimeOut(I2C_PATIENCE_MS);
    analogReadResolution(10);
    board.flex_most = 1023;
    board.name = "ESP32";
    board.read_imu = readMotion;
    board.read_flex = readFlex;
    board.space = space;
    board.write = write;
    board.receive = receive;
    struct sg_settings settings = SG_SETTINGS_DEFAULT;
    settings.network = sg_network_of_board;
    sg_glove_init(&glove, &board, &settings, micros());
}

void loop()
{
    const uint32_t wait_us = sg_glove_poll(&glove, micros());
    if (wait_us > 2000 && !Serial.available()) {
        delay(1);
    }
}
