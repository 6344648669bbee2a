"""Device side of ScaleGlove: the serial decoder, the bridge to the service, the emulator and the recorder."""
