// A glove on an ESP32 that requests its letters from a service over Wi-Fi. A thin layer over window.c, which is tested;
// this file was not compiled by its authors (README.md).
#include <Arduino.h>
#include <WiFi.h>
#include <string.h>

extern "C" {
#include "window.h"
}

static const char *const NETWORK = "your network";
static const char *const PASSWORD = "its password";
// Start the service with SCALEGLOVE_HOST=0.0.0.0, and put its token in place of NULL.
static const struct sg_service SERVICE = {"192.168.0.10", 8000, NULL};

// Pins of the first converter: those of the second do not work with Wi-Fi.
static const uint8_t FLEX_PINS[5] = {32, 33, 34, 35, 36};
static const uint32_t FRAME_MS = 20, ASK_EVERY_MS = 500;
static const uint32_t PATIENCE_MS = 2000;

static struct sg_window window;
static char answer[2048];

// Replace this: pitch, roll and yaw in degrees. The glove's firmware (firmware_bridge/firmware) computes them from an
// LSM6DS3.
static void readAngles(float angles[3]) { angles[0] = angles[1] = angles[2] = 0.0f; }

static void readFrame(float frame[SG_CHANNELS])
{
    for (int finger = 0; finger < 5; finger++) {
        frame[finger] = analogRead(FLEX_PINS[finger]);
    }
    readAngles(frame + 5);
}

static bool ask(struct sg_letter *letter)
{
    char head[SG_HEAD_BYTES];
    WiFiClient client;
    const size_t length = sg_window_head(&window, &SERVICE, 1000.0f / FRAME_MS, head, sizeof head);
    if (length == 0 || !client.connect(SERVICE.host, SERVICE.port, PATIENCE_MS)) {
        return false;
    }
    client.write((const uint8_t *)head, length);
    client.write((const uint8_t *)window.frames, sg_window_bytes(&window));
    size_t got = 0;
    const uint32_t begun = millis();
    while ((client.connected() || client.available()) && got < sizeof answer - 1 && millis() - begun < PATIENCE_MS) {
        const int read = client.read((uint8_t *)answer + got, sizeof answer - 1 - got);
        got += read > 0 ? (size_t)read : 0;
    }
    answer[got] = '\0';
    return sg_read_answer(answer, letter);
}

void setup()
{
    Serial.begin(115200);
    analogReadResolution(10); // ADC counts of 10 bits, the unit of every glove
    WiFi.begin(NETWORK, PASSWORD);
}

void loop()
{
    static uint32_t nextFrame = 0, nextQuestion = 0;
    const uint32_t now = millis();
    if ((int32_t)(now - nextFrame) >= 0) {
        float frame[SG_CHANNELS];
        readFrame(frame);
        sg_window_push(&window, frame);
        nextFrame = now + FRAME_MS;
    }
    if (window.count == SG_WINDOW_FRAMES && WiFi.status() == WL_CONNECTED && (int32_t)(now - nextQuestion) >= 0) {
        struct sg_letter letter = {};
        const bool answered = ask(&letter);
        Serial.printf("%s %s %.2f\n", answered ? letter.state : "no answer", letter.label, letter.confidence);
        memset(&window, 0, sizeof window); // a request takes a while: frames before and after it are not continuous
        nextQuestion = millis() + ASK_EVERY_MS;
    }
}
