"""Sentences about what a validation refuses, which speak of the value that was given and not of the library."""

from __future__ import annotations

from typing import Any, Final

from pydantic_core import ErrorDetails

_KINDS: Final = {
    "bool": "true or false",
    "bytes": "text",
    "date": "a date",
    "datetime": "a time",
    "dict": "an object",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model_attributes": "an object",
    "model": "an object",
    "dataclass": "an object",
    "none_required": "null",
    "string": "text",
    "tuple": "a list",
}
"""What a value has to be, by the first part of pydantic's `KIND_type` and `KIND_parsing`."""

_BOUNDS: Final = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}

_OWN: Final = "Value error, "
"""What pydantic writes before the sentences of this project's own checks."""


def describe_fault(fault: ErrorDetails) -> str:
    """Return what is wrong and what to give instead, without the name of the field: `has 2 values; give at least 8`."""
    kind: str = fault["type"]
    context: dict[str, Any] = fault.get("ctx", {})
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"is out of range; give {words} {_number(context[key])}"
    if kind in {"too_short", "too_long"}:
        return _of_length(kind, context)
    if kind in {"string_too_short", "string_too_long"}:
        few, bound = kind == "string_too_short", context["min_length" if kind == "string_too_short" else "max_length"]
        if few and bound == 1:
            return "is empty; give at least one character"
        return f"is too {'short' if few else 'long'}; give at {'least' if few else 'most'} {bound} characters"
    simple = {
        "missing": "is missing; give it",
        "extra_forbidden": "is not known here; leave it out",
        "finite_number": "is not finite; give a number",
        "int_from_float": "has a fraction; give a whole number",
        "json_invalid": f"is not valid JSON: {context.get('error', '')}; JSON has no NaN or Infinity",
        "literal_error": f"is not one of the choices; give {context.get('expected', '')}",
        "enum": f"is not one of the choices; give {context.get('expected', '')}",
        "string_pattern_mismatch": f"does not have the form {context.get('pattern')}",
        "union_tag_not_found": "is missing; give it",
    }
    if kind in simple:
        return simple[kind]
    return _of_type(kind) or fault["msg"].removeprefix(_OWN)


def _of_length(kind: str, context: dict[str, Any]) -> str:
    few = kind == "too_short"
    bound, actual = context["min_length" if few else "max_length"], context.get("actual_length")
    if few and actual == 0:
        return f"is empty; give at least {_count(bound)}"
    held = "too many values" if actual is None else _count(actual)
    return f"has {held}; give at {'least' if few else 'most'} {bound}"


def _of_type(kind: str) -> str | None:
    for suffix in ("_type", "_parsing", "_exact_type"):
        expected = _KINDS.get(kind.removesuffix(suffix)) if kind.endswith(suffix) else None
        if expected is not None:
            return f"is not {expected}; give {expected}"
    return None


def _count(number: int) -> str:
    return "one value" if number == 1 else f"{number} values"


def _number(bound: Any) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)
