"""Format of exported files: one JSON document with a checksum, of any content.

    {"schema": ..., "version": ..., "sha256": ..., "content": {...}}

`sha256` is the digest of `content` (`scaleglove.content_digest`). A file is as large as the most that a service keeps,
so it is written and read part by part: no step takes longer than its largest part, and what no export has is refused
before it takes memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any, Final, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scaleglove.protocol import describe
from service.http.bodies.json_spans import BeyondLimitsError, JsonReader, PartLimits, SpanError, decoded
from service.http.cooperative_runner import Slices
from service.problems import ProblemError

_LAST_TIME: Final = 253_402_300_799  # the end of the year 9999

Time = Annotated[float, Field(ge=0, le=_LAST_TIME, allow_inf_nan=False)]

Version = Annotated[int, Field(ge=1, le=1_000_000_000)]

SMALL: Final = PartLimits(bytes=64 * 1024, values=2048)
"""Limits of what is not in a list: names, numbers, and which profiles are active."""

_MAX_FIELD: Final = 100


class Part(BaseModel):
    """Part of an exported file."""

    model_config = ConfigDict(extra="forbid")


_Content = TypeVar("_Content", bound=Part)


@dataclass(frozen=True, slots=True)
class PartList:
    """A field of the content that is a list: the parts in it, how many there are at most, and the limits of each."""

    part: type[Part]
    most: int
    limits: PartLimits


@dataclass(frozen=True, slots=True)
class _Outline:
    """A document of which the content is not decoded: its members, each as text or, of a list, as the text of each
    part."""

    head: dict[str, object]
    content: dict[str, bytes | list[bytes]]


class _RefusedError(Exception):
    """Refusal of a file, with the field that is wrong."""

    def __init__(self, why: str, *path: object) -> None:
        super().__init__(why)
        self.why = why
        self.path = path


_HEAD: Final = ("schema", "version", "sha256")


@dataclass(frozen=True, slots=True)
class FileFormat(Generic[_Content]):
    """Format of the exports of one kind; `exported` is what a file is of, such as "a wearer"; `lists` are the fields of
    its content that are lists of parts."""

    schema: str
    version: int
    exported: str
    content: type[_Content]
    lists: Mapping[str, PartList] = field(default_factory=dict)

    def pack(self, content: _Content) -> Slices[bytes]:
        """Encode the content as a file."""
        pieces: list[bytes] = []
        for name in sorted(type(content).model_fields):
            value = getattr(content, name)
            pieces.append(b'%b"%b":' % (b"," if pieces else b"", name.encode()))
            if name not in self.lists:
                pieces.append(_canonical(content.model_dump(mode="json", include={name})[name]))
                continue
            pieces.append(b"[")
            for index, part in enumerate(value):
                pieces.append((b"," if index else b"") + _canonical(part.model_dump(mode="json")))
                yield
            pieces.append(b"]")
        digest = sha256(b"{")
        for piece in (*pieces, b"}"):
            digest.update(piece)
        head = {"schema": self.schema, "version": self.version, "sha256": digest.hexdigest()}
        return b"".join([orjson.dumps(head)[:-1], b',"content":{', *pieces, b"}}"])

    def unpack(self, file: bytes) -> Slices[_Content]:
        """Decode a file of `pack`.

        Raises:
            ProblemError: 422 `bad_export`, naming the invalid field.
        """
        try:
            outline = yield from self._outline(file)
            self._check_head(outline.head)
            return (yield from self._read(outline))
        except _RefusedError as refused:
            named = ".".join(map(str, refused.path))[:_MAX_FIELD] or None
            detail = f"the file is not an export of {self.exported}: {refused.why}"
            raise ProblemError(422, "bad_export", detail, named) from None

    def _outline(self, file: bytes) -> Slices[_Outline]:
        reader = JsonReader(file)
        outline = _Outline({}, {})
        name = ""
        try:
            for name in reader.members():
                if name == "content":
                    yield from self._outline_content(reader, outline.content)
                elif name in _HEAD:
                    outline.head[name] = decoded(reader.value(SMALL))
                else:
                    raise _RefusedError(f"{name[:_MAX_FIELD]}: no export has this field", name)
            reader.finish()
        except BeyondLimitsError as error:
            raise _RefusedError(f"{name}: {error}", name) from None
        except SpanError as error:
            raise _not_json(error) from None
        return outline

    def _outline_content(self, reader: JsonReader, content: dict[str, bytes | list[bytes]]) -> Slices[None]:
        path = ["content"]
        try:
            for name in reader.members():
                path = ["content", name]
                if name not in self.content.model_fields:
                    raise BeyondLimitsError("no export has this field")
                known = self.lists.get(name)
                if known is None or reader.next != b"[":
                    content[name] = reader.value(SMALL)
                    continue
                parts: list[bytes] = []
                content[name] = parts
                for _ in reader.items():
                    path = ["content", name, str(len(parts))]
                    if len(parts) >= known.most:
                        raise BeyondLimitsError(f"there are more than {known.most}")
                    parts.append(reader.value(known.limits))
                    yield
        except BeyondLimitsError as error:
            raise _RefusedError(f"{'.'.join(path)[:_MAX_FIELD]}: {error}", *path) from None

    def _check_head(self, head: Mapping[str, object]) -> None:
        for name, wanted in (("schema", self.schema), ("version", self.version)):
            value = head.get(name)
            if value != wanted or type(value) is not type(wanted):
                raise _RefusedError(f"{name}: it must be {wanted!r}", name)

    def _read(self, outline: _Outline) -> Slices[_Content]:
        """Decode the content in the order of its digest, which is judged before anything that it says."""
        digest = sha256(b"{")
        fault: _RefusedError | None = None
        content: dict[str, object] = {}
        for number, (name, text) in enumerate(sorted(outline.content.items())):
            digest.update(b"%b%b:" % (b"," if number else b"", orjson.dumps(name)))
            if isinstance(text, bytes):
                content[name] = value = _decoded(text)
                digest.update(_canonical(value))
                continue
            parts: list[object] = []
            content[name] = parts
            digest.update(b"[")
            for index, part in enumerate(text):
                plain = _decoded(part)
                yield
                canonical = _canonical(plain)
                yield
                digest.update(b"," if index else b"")
                digest.update(canonical)
                yield
                try:
                    parts.append(self.lists[name].part.model_validate(plain))
                except ValidationError as error:
                    fault = fault or _invalid(error, "content", name, index)
                yield
            digest.update(b"]")
        digest.update(b"}")
        if digest.hexdigest() != outline.head.get("sha256"):
            why = "sha256: it does not match the content; the file was changed or damaged, export it again"
            raise _RefusedError(why, "sha256")
        if fault is not None:
            raise fault
        try:
            return self.content.model_validate(content)
        except ValidationError as error:
            raise _invalid(error, "content") from None


def _canonical(value: object) -> bytes:
    """Encode a value as `scaleglove.content_digest` does."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _decoded(part: bytes) -> Any:
    try:
        return decoded(part)
    except SpanError as error:
        raise _not_json(error) from None


def _not_json(error: SpanError) -> _RefusedError:
    return _RefusedError(f"it is not JSON, or is cut short ({error})")


def _invalid(error: ValidationError, *path: object) -> _RefusedError:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return _RefusedError(describe(error), *path, *fault["loc"])
