"""Constants of C that Python has too: sizes of memory that it keeps to."""

from __future__ import annotations

import re
from pathlib import Path


def constants_of(header: Path) -> dict[str, int]:
    """Return the numbers in the enumerations of a header, by name."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.DOTALL)
    bodies = re.findall(r"enum\s*\{(.*?)\}", text, re.DOTALL)
    return {name: int(value) for body in bodies for name, value in re.findall(r"(\w+) = (\d+)\s*(?:,|$)", body.strip())}
