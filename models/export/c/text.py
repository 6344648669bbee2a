"""Constants as C text: the same values give the same text, and the text gives the same values back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

_WIDTH = 120


def enumeration(values: dict[str, int]) -> str:
    """Whole numbers that the compiler knows."""
    return "enum {\n" + "".join(f"    {name} = {value},\n" for name, value in values.items()) + "};\n"


def array(c_type: str, name: str, values: NDArray[np.generic], say: Callable[[np.generic], str] | None = None) -> str:
    """A constant array of one dimension; `say` is `literal`, if not said."""
    flat = np.asarray(values).ravel()
    return f"static const {c_type} {name}[{flat.size}] = {{\n{wrapped(map(say or literal, flat))}}};\n"


def record(name: str, fields: dict[str, tuple[str, NDArray[np.generic]]]) -> str:
    """A constant structure of arrays: by name, type and values."""
    declared = "".join(f"    {c_type} {field}[{values.size}];\n" for field, (c_type, values) in fields.items())
    given = "".join(
        f"    .{field} = {{\n{wrapped(map(literal, np.ravel(values)))}    }},\n"
        for field, (_, values) in fields.items()
    )
    return f"static const struct {{\n{declared}}} {name} = {{\n{given}}};\n"


def literal(value: np.generic | float) -> str:
    """Nine decimals say a float32 exactly."""
    if isinstance(value, (np.floating, float)):
        text = f"{float(value):.9g}"
        return f"{text}f" if any(mark in text for mark in ".en") else f"{text}.0f"
    return str(int(value))


def hexadecimal(value: np.generic) -> str:
    """A word of 32 bits."""
    return f"0x{int(value):08x}"


def string(text: str) -> str:
    """As a string of C in UTF-8."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def wrapped(items: Iterable[str]) -> str:
    """Items with commas between them, in lines of bounded width."""
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > _WIDTH:
            lines.append(line)
            line = "   "
        line += f" {item},"
    return "\n".join([*lines, line]) + "\n"
