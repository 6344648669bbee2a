"""Changes to valid input: of its bytes, and of the values of JSON. Pure, given a source of randomness."""

from __future__ import annotations

import json
import random
from typing import Any, Final

from benchmarks.model.damaged_artefacts import damaged

ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53, 2**64, -(2**70), 0.5, -0.0, 1e-320, 1e300),
    *("", "a", "ㄱ", "rest", "null", "\x00", "\ud83d\ude00", "../../etc/passwd", "%s%n", "a" * 5000, "1e999"),
    *([], {}, [[]], [None], {"": None}, [[[[[[[[]]]]]]]], [0] * 2000, {"type": "start"}),
)
"""Values that a field rarely has."""


def changed(value: Any, draw: random.Random) -> Any:
    """Return a JSON value with one change at a random place."""
    if draw.random() < 0.3 or not isinstance(value, (dict, list)) or not value:
        return draw.choice(ODD)
    return _changed_list(value, draw) if isinstance(value, list) else _changed_object(value, draw)


def _changed_list(value: list[Any], draw: random.Random) -> list[Any]:
    at = draw.randrange(len(value))
    match draw.randrange(4):
        case 0:
            return value[:at] + value[at + 1 :]
        case 1:
            return value + [value[at]] * draw.choice((1, 8, 300))
        case _:
            return [*value[:at], changed(value[at], draw), *value[at + 1 :]]


def _changed_object(value: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    key = draw.choice(list(value))
    match draw.randrange(5):
        case 0:
            return {name: each for name, each in value.items() if name != key}
        case 1:
            return value | {draw.choice(("", "x", key.upper(), key + "s", "ignored")): draw.choice(ODD)}
        case _:
            return value | {key: changed(value[key], draw)}


def text_of(value: Any, draw: random.Random) -> bytes:
    """Return a value as JSON, changed none to three times, and sometimes with damaged bytes."""
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        value = changed(value, draw)
    text = json.dumps(value, ensure_ascii=draw.random() < 0.5).encode(errors="surrogatepass")
    return damaged(text, draw) if draw.random() < 0.25 and text else text
