// A glove on any board that the Arduino IDE knows: five flex sensors on analog pins and, if there is one, an MPU-6050 on I2C.
// It prints what `scaleglove bridge` and the page's "Connect a glove" read: a header that names each column, its unit and its
// range, then a line of numbers every 20 ms. A sensor that you do not have is left out of both.

#include <Wire.h>

const int FLEX_PINS[5] = {A0, A1, A2, A3, A4};  // thumb, index, middle, ring, little finger; change them to yours
const int FLEX_MOST = 1023;                      // 1023 on an Uno or Nano, 4095 on an ESP32 or STM32
const int MPU = 0x68;                            // its address: 0x69 where the pin AD0 is high
const unsigned long INTERVAL_US = 20000;

bool hasMotion = false;
unsigned long nextUs = 0;

void writeMotion(byte place, byte value) {
  Wire.beginTransmission(MPU);
  Wire.write(place);
  Wire.write(value);
  hasMotion = Wire.endTransmission() == 0;
}

void setup() {
  Serial.begin(115200);
  Wire.begin();
  writeMotion(0x6B, 0);  // wake up; 2 g and 250 degrees/s are what it begins with
  Serial.print("timestamp_us");
  if (hasMotion) Serial.print(",ax,ay,az,gx,gy,gz");
  for (int finger = 1; finger <= 5; finger++) {
    Serial.print(",flex");
    Serial.print(finger);
    Serial.print("(0..");
    Serial.print(FLEX_MOST);
    Serial.print(")");
  }
  Serial.println();
  nextUs = micros();
}

void loop() {
  if ((long)(micros() - nextUs) < 0) return;
  nextUs += INTERVAL_US;
  Serial.print(micros());
  if (hasMotion) {
    Wire.beginTransmission(MPU);
    Wire.write((byte)0x3B);
    Wire.endTransmission(false);
    Wire.requestFrom(MPU, 14);
    for (int place = 0; place < 7; place++) {
      int high = Wire.read();
      int value = (int16_t)(high << 8 | Wire.read());
      if (place == 3) continue;  // its temperature
      Serial.print(',');
      Serial.print(value);
    }
  }
  for (int finger = 0; finger < 5; finger++) {
    Serial.print(',');
    Serial.print(analogRead(FLEX_PINS[finger]));
  }
  Serial.println();
}
