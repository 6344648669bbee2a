"""Where the parts of a JSON text are, without decoding them: a large document is taken apart in steps. Pure.

A decoder reads a document at once, however large it is, and holds the interpreter meanwhile. This finds the members of
an object and the items of an array, each of which is decoded by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

MOST_DEPTH: Final = 64
"""Levels within one part. Encoders end at 254, and nothing that the service reads has ten."""

_MOST_NAME: Final = 256
"""Bytes of a member's name, with its quotes."""

_MOST_GAP: Final = 256 * 1024
"""Bytes of numbers in a row. They are searched one by one, while strings are passed over faster."""

MOST_QUOTING: Final = 1280 * 1024
"""Bytes of the strings in one part that have escaped quotes: labels and names. The end of any other string, such as
megabytes of base64, is found ten times as fast."""

_SPACE: Final = re.compile(rb"[ \t\r\n]{0,4096}+")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_MARK: Final = re.compile(rb'["{}\[\]]')
_SCALAR: Final = re.compile(rb"[^\s,\]}]{1,64}+")
_OPENING: Final = frozenset(b"{[")
_BACKSLASH: Final = ord("\\")

_SHORTAGE: Final = "Not enough memory"


class SpanError(ValueError):
    """Text that is not JSON, or whose parts are not what is read."""


class BeyondLimitsError(SpanError):
    """A part beyond its limits."""


@dataclass(frozen=True, slots=True)
class PartLimits:
    """Limits of one part: its bytes, and its values, counted as commas, brackets and strings."""

    bytes: int
    values: int


class JsonReader:
    """Reader of a JSON text from its beginning to its end.

    The iterators yield where a value begins; read it with `members`, `items` or `value` before the next step.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0
        self._quoting = 0
        """Bytes of text with quotes that this part may still have."""

    @property
    def next(self) -> bytes:
        """The first byte of the value that follows; empty at the end."""
        self._skip_space()
        return self._text[self._at : self._at + 1]

    def members(self) -> Iterator[str]:
        """Yield the name of each member of the object that follows.

        Raises:
            SpanError: it is no object, or a name is there twice.
        """
        names: set[str] = set()
        for _ in self._elements(b"{", b"}"):
            name = self._name()
            if name in names:
                raise SpanError(f"the name {name!r} is there twice")
            names.add(name)
            yield name

    def items(self) -> Iterator[None]:
        """Yield at each item of the array that follows.

        Raises:
            SpanError: it is no array.
        """
        return self._elements(b"[", b"]")

    def value(self, limits: PartLimits) -> bytes:
        """Return the text of the value that follows.

        Raises:
            SpanError: there is none.
            BeyondLimitsError: it exceeds its limits.
        """
        begin = self._next_at()
        self._quoting = MOST_QUOTING
        self._at = self._end_of_value(begin, limits)
        part = self._text[begin : self._at]
        if len(part) > limits.bytes or part.count(b",") > limits.values:
            raise BeyondLimitsError(f"it has more than {limits.bytes} bytes or {limits.values} values")
        return part

    def finish(self) -> None:
        """Raise if anything follows.

        Raises:
            SpanError: something does.
        """
        if self.next:
            raise SpanError("it is followed by something else")

    def _elements(self, begin: bytes, end: bytes) -> Iterator[None]:
        self._expect(begin)
        if self.next == end:
            self._at += 1
            return
        while True:
            yield
            if self.next == end:
                self._at += 1
                return
            self._expect(b",")

    def _name(self) -> str:
        found = _STRING.match(self._text, self._next_at(), self._at + _MOST_NAME)
        if found is None:
            raise SpanError(f"there is no name at byte {self._at}")
        self._at = found.end()
        self._expect(b":")
        return str(decoded(found[0]))

    def _end_of_value(self, begin: int, limits: PartLimits) -> int:
        last = min(len(self._text), begin + limits.bytes + 1)
        first = self._text[begin]
        if first == ord('"'):
            return self._end_of_string(begin, last, limits)
        if first not in _OPENING:
            found = _SCALAR.match(self._text, begin, last)
            if found is None:
                raise SpanError(f"there is no value at byte {begin}")
            return found.end()
        at, depth = begin, 0
        for _ in range(limits.values):
            found = _MARK.search(self._text, at, min(last, at + _MOST_GAP))
            if found is None:
                raise _unended(begin, last < len(self._text), limits)
            mark = found[0]
            if mark == b'"':
                at = self._end_of_string(found.start(), last, limits)
                continue
            at = found.end()
            depth += 1 if mark[0] in _OPENING else -1
            if not depth:
                return at
            if depth > MOST_DEPTH:
                raise BeyondLimitsError(f"it is nested deeper than {MOST_DEPTH} levels")
        raise BeyondLimitsError(f"the value at byte {begin} has more than {limits.values} values")

    def _end_of_string(self, begin: int, last: int, limits: PartLimits) -> int:
        quote = self._text.find(b'"', begin + 1, last)
        if quote < 0:
            raise _unended(begin, last < len(self._text), limits)
        if self._text[quote - 1] != _BACKSLASH:
            return quote + 1
        found = _STRING.match(self._text, begin, min(last, begin + self._quoting))
        if found is None and last - begin > self._quoting:
            raise BeyondLimitsError(f"it has more than {MOST_QUOTING} bytes of text with quotes")
        if found is None:
            raise _unended(begin, last < len(self._text), limits)
        self._quoting -= found.end() - begin
        return found.end()

    def _next_at(self) -> int:
        if not self.next:
            raise SpanError("it ends too early")
        return self._at

    def _expect(self, mark: bytes) -> None:
        if self.next != mark:
            raise SpanError(f"byte {self._at} must be {mark.decode()!r}")
        self._at += 1

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None  # it matches nothing too
        self._at = found.end()


def _unended(begin: int, is_long: bool, limits: PartLimits) -> SpanError:
    """Return the error of a value that does not end within its limits, or within the text."""
    if is_long:
        return BeyondLimitsError(f"the value at byte {begin} is longer than {limits.bytes} bytes")
    return SpanError(f"the value at byte {begin} does not end")


def decoded(part: bytes) -> object:
    """Decode a part.

    Raises:
        SpanError: it is not JSON.
        MemoryError: there is too little memory, which orjson reports as an error of the JSON.
    """
    try:
        value: object = orjson.loads(part)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith(_SHORTAGE):
            raise MemoryError from None
        raise SpanError(f"it is not JSON ({error})") from None
    return value
