"""The glove's serial protocol: bytes become events. Pure: no port, no clock, no thread."""
