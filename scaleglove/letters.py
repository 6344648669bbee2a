"""Labels of a prediction: the letters it names and the time scales it is explained by."""

from __future__ import annotations

LETTERS: tuple[str, ...] = tuple("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ")
"""The 24 letters, consonants then vowels; a label's index is its position here."""

SCALES: tuple[int, ...] = (3, 5, 7)
"""Kernel sizes of the three convolution branches, in frames: the time scales."""
