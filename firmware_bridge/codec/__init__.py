"""The decoder and encoder of the glove's serial protocol. Pure: no port, no clock, no thread."""
