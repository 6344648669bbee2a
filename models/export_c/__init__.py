"""An artefact as a small package of C99 for a microcontroller: docs/chip.md.

`network.py` reads the artefact; `float32.py` makes constants of it; `engine/` is the C that computes with them, as it
stands in every package; `package.py` puts both together. Nothing here needs torch, and the same artefact gives the same
text.
"""
