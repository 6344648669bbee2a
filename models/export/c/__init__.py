"""An artefact as a small package of C99 for a microcontroller: docs/reference/chip.md.

`network.py` reads the artefact; `float32.py` and `integer.py` make constants of it; `engine/` is the C that computes
with them, as it stands in every package; `package.py` puts both together. Nothing here needs torch, and the same
artefact gives the same text. `host.py` compiles a package for this computer, to be tested and measured.
"""
