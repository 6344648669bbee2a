"""A package of `models/export/c/` on chips in QEMU: `machine.py` runs it, the C beside it is the program it runs in."""
