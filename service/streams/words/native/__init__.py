"""The beam of `service/streams/words/beam.py` in C."""
