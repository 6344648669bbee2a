"""Sentences about what msgspec refuses, which speak of the value that was given, as those of `describe_fault` do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What `msgspec.json.decode` raises for text that it refuses."""

_PATH: Final = re.compile(r" - at `\$(.*)`$")

# Sentences of msgspec.
_LENGTH: Final = re.compile(r"Expected `array` of length (>=|<=) (\d+)")
_BOUND: Final = re.compile(r"Expected `(?:float|int)` (>=|<=) (\S+)")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`")
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_KIND: Final = re.compile(r"Expected `(\w+)[^,]*, got .*")
_KINDS: Final = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "an object",
    "str": "text",
}


def describe_decode_error(error: Exception) -> tuple[list[str], str]:
    """Return the path of the value that is refused, and what is wrong and what to give instead.

    The path is empty where the text is no JSON, or the value is the whole.
    """
    if isinstance(error, RecursionError):
        return [], "is nested too deeply; give fewer levels"
    if not isinstance(error, msgspec.ValidationError):
        return [], f"is not valid JSON: {error}; JSON has no NaN or Infinity"
    text = str(error)
    found = _PATH.search(text)
    path = re.findall(r"[^.\[\]]+", found[1]) if found else []
    reason = text[: found.start()] if found else text
    if missing := _MISSING.fullmatch(reason):
        return [*path, missing[1]], "is missing; give it"
    return path, _reason(reason)


def fault_sentence(path: Sequence[str], reason: str) -> str:
    """Return what is wrong with the value at a path, of the whole text where the path is empty."""
    if path:
        return f"{'.'.join(path)}: {reason}"
    return f"the whole {reason}" if reason.startswith(("is ", "has ")) else reason


def _reason(text: str) -> str:
    if length := _LENGTH.fullmatch(text):
        few = length[1] == ">="
        return f"has too {'few' if few else 'many'} values; give at {'least' if few else 'most'} {length[2]}"
    if bound := _BOUND.fullmatch(text):
        return f"is out of range; give at {'least' if bound[1] == '>=' else 'most'} {float(bound[2]):g}"
    if unknown := _UNKNOWN.fullmatch(text):
        return f"the field {unknown[1][:64]!r} is not known here; leave it out"
    if kind := _KIND.fullmatch(text):
        expected = _KINDS.get(kind[1], kind[1])
        return f"is not {expected}; give {expected}"
    return text
