"""Export of an artefact as a small package of C99 for a microcontroller: docs/reference/chip.md.

`graph.py` reads the artefact; `float32.py` and `integer.py` make constants of it; `engine/` is the C that computes with
them, the same in every package; `package.py` combines both. Nothing here needs torch, and the same artefact gives the
same text. `host.py` compiles a package for this computer, for tests and measurements.
"""
