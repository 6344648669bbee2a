"""Headers of the link protocol, for tests: names in any order, with units and ranges, and with what is near to them."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_NUMBERS: Final = st.sampled_from(
    ["0", "-1", "1023", "0.5", "-90.25", "1.", "", "999999999", "1234567890", "0.1234567891"]
)
_UNIT_WORDS: Final = st.sampled_from(["", "ms", "MSEC", "deg", "adc", "g", "us", "rad", "counts", "m/s2", "x y"])
_BRACKETS: Final = st.sampled_from(["()", "[]", "(]", "((", "[ ]", "( )"])
_RANGES: Final = st.builds("{}{}{}".format, _NUMBERS, st.sampled_from(["..", " .. ", ".", "..."]), _NUMBERS)


@st.composite
def _fields(draw: st.DrawFn, name: str) -> str:
    """Draw a field of a header: a name with a unit, a range, both, or something near to them."""
    suffix = draw(st.sampled_from(["", "", "", "_", " "]).flatmap(lambda joint: _UNIT_WORDS.map(joint.__add__)))
    inside = draw(st.one_of(_UNIT_WORDS, _RANGES, st.builds("{}{}".format, _RANGES, _UNIT_WORDS)))
    pair = draw(_BRACKETS)
    bracketed = f"{draw(st.sampled_from(['', ' ']))}{pair[:-1]}{inside}{pair[-1]}" if draw(st.booleans()) else ""
    suits = "g" if name.startswith("accel") else "ms" if name.startswith("t") else "deg" if name[0] in "pry" else "adc"
    proper = st.sampled_from(["", f"({suits})", f"[{suits}]", f"_{suits}", f" [0..5 {suits}]", "(-0.5..1e)", "[3..-2]"])
    return name + draw(st.one_of(proper, proper, proper, st.just(suffix + bracketed)))


_COLUMNS: Final = ["timestamp", "pitch", "roll", "yaw", "flex1", "flex2", "flex3", "flex4", "flex5"]
HEADERS: Final[st.SearchStrategy[bytes]] = st.permutations(_COLUMNS).flatmap(
    lambda names: st.tuples(*map(_fields, names)).map(lambda fields: ",".join(fields).encode())
)
"""Lines of nine names, without their end."""
