# The sketch for ESP32 and the core in one folder, as Arduino needs it. Its user compiles it (README.md).

.PHONY: esp32-sketch
esp32-sketch:  ## build/scaleglove, for arduino-cli or the Arduino IDE
	rm -rf $(BUILD)/scaleglove
	mkdir -p $(BUILD)/scaleglove
	cp boards/esp32/scaleglove.ino core/*.c core/*.h $(NETWORK) $(if $(NET),$(NET)/sg_net.h) $(BUILD)/scaleglove
