"""The letters of Korean fingerspelling, consonants then vowels."""

from __future__ import annotations

import json
from pathlib import Path

_KOREAN = Path(__file__).with_name("vocabularies") / "korean.json"

LETTERS: tuple[str, ...] = tuple(each["label"] for each in json.loads(_KOREAN.read_text(encoding="utf-8"))["labels"])
"""The 24 letters; a label's index is its position here."""
