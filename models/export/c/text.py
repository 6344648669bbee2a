"""C text of constants: equal values give equal text, and the text gives the same values."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

_WIDTH = 120


def enumeration(values: dict[str, int]) -> str:
    """Return an enumeration of integer constants."""
    return "enum {\n" + "".join(f"    {name} = {value},\n" for name, value in values.items()) + "};\n"


def array(c_type: str, name: str, values: NDArray[np.generic], form: Callable[[np.generic], str] | None = None) -> str:
    """Return a constant array of one dimension, its items formatted by `form`, by default `literal`."""
    flat = np.asarray(values).ravel()
    return f"static const {c_type} {name}[{flat.size}] = {{\n{wrapped(map(form or literal, flat))}}};\n"


def record(name: str, fields: dict[str, tuple[str, NDArray[np.generic]]]) -> str:
    """Return a constant structure of arrays, by name their type and values."""
    declared = "".join(f"    {c_type} {field}[{values.size}];\n" for field, (c_type, values) in fields.items())
    given = "".join(
        f"    .{field} = {{\n{wrapped(map(literal, np.ravel(values)))}    }},\n"
        for field, (_, values) in fields.items()
    )
    return f"static const struct {{\n{declared}}} {name} = {{\n{given}}};\n"


def literal(value: np.generic | float) -> str:
    """Format a number; nine digits represent a float32 exactly."""
    if isinstance(value, (np.floating, float)):
        text = f"{float(value):.9g}"
        return f"{text}f" if any(mark in text for mark in ".en") else f"{text}.0f"
    return str(int(value))


def hexadecimal(value: np.generic) -> str:
    """Format a word of 32 bits."""
    return f"0x{int(value):08x}"


def string(text: str) -> str:
    """Format a string of C in UTF-8."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def wrapped(items: Iterable[str]) -> str:
    """Join items with commas, in lines of bounded width."""
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > _WIDTH:
            lines.append(line)
            line = "   "
        line += f" {item},"
    return "\n".join([*lines, line]) + "\n"
