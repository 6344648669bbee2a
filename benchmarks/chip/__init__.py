"""Packages of `models/export/c/` on microcontrollers in QEMU; `board/` has the C program that runs them."""
