"""How a stream takes frames in, in C: the same as `service/streams/window.py` and `service/streams/sensors.py`."""
