"""JSON bodies with lists of frames, which are validated list by list: a slice takes no longer than the longest list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError, WrapValidator

from scaleglove.channels import CHANNELS
from scaleglove.protocol import describe
from service.http.bodies.json_spans import JsonReader, PartLimits, SpanError, decoded
from service.http.bodies.request import invalid
from service.http.cooperative_runner import Slices
from service.problems import ProblemError

_AT_ONCE_BYTES: Final = 64 * 1024
"""A smaller body is validated in one slice: some milliseconds."""

_MAX_FIELD: Final = 100

VALUE_BYTES: Final = 32
"""Of one number, with its spaces where the JSON is indented."""

_OTHER_VALUES: Final = 512
"""Values of a body beside those of its frames."""

_T = TypeVar("_T")
_Model = TypeVar("_Model", bound=BaseModel)


def frames_limits(frames: int) -> PartLimits:
    """Return the limits of JSON with this number of frames and little else."""
    values = _OTHER_VALUES + (len(CHANNELS) + 1) * frames
    return PartLimits(bytes=VALUE_BYTES * values, values=values)


class CheckedFrames(list[Any]):
    """Frames that were validated already."""


def _keep_checked(value: object, check: Callable[[object], Any]) -> Any:
    return value if isinstance(value, CheckedFrames) else check(value)


KEEP_CHECKED: Final = WrapValidator(_keep_checked)
"""Annotation of a field of frames, so that CheckedFrames are not validated again."""


class FramesBody(Generic[_Model]):
    """Reader of bodies of a model.

    Args:
        model: of the body.
        lists: the type of its fields that are lists of frames, or objects of such lists.
        limits: of one list.
    """

    def __init__(self, model: type[_Model], lists: Mapping[str, Any], limits: PartLimits) -> None:
        self._model = model
        self._lists: dict[str, TypeAdapter[list[Any]]] = {name: TypeAdapter(kind) for name, kind in lists.items()}
        self._limits = limits

    def read(self, body: bytes) -> Slices[_Model]:
        """Validate a body; an empty one is an object without fields.

        Raises:
            ProblemError: 422 `invalid_request` naming the wrong field.
        """
        if len(body) <= _AT_ONCE_BYTES:
            return self._validated(lambda: self._model.model_validate_json(body or b"{}"))
        try:
            fields = yield from self._fields(JsonReader(body))
        except SpanError as error:
            raise invalid(f"Invalid JSON: {error}", None) from None
        return self._validated(lambda: self._model.model_validate(fields))

    def _fields(self, reader: JsonReader) -> Slices[dict[str, Any]]:
        fields: dict[str, Any] = {}
        for name in reader.members():
            if name not in self._lists or reader.next not in {b"[", b"{"}:
                fields[name] = decoded(reader.value(self._limits))
            elif reader.next == b"[":
                fields[name] = self._frames(reader, name)
            else:
                group = fields[name] = {}
                for step in reader.members():
                    group[step] = self._frames(reader, name, step)
                    yield
            yield
        reader.finish()
        return fields

    def _frames(self, reader: JsonReader, *path: str) -> CheckedFrames:
        text = reader.value(self._limits)
        return CheckedFrames(self._validated(lambda: self._lists[path[0]].validate_json(text), *path))

    def _validated(self, validate: Callable[[], _T], *path: str) -> _T:
        try:
            return validate()
        except ValidationError as error:
            raise as_invalid(error, *path) from None


def as_invalid(error: ValidationError, *path: str) -> ProblemError:
    """Return the first error of a validation as 422 `invalid_request`; `path` is where in the body it was."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(map(str, (*path, *fault["loc"])))[:_MAX_FIELD]
    prefix = ".".join(path)
    return invalid(f"{prefix}.{describe(error)}" if prefix else describe(error), field or None)
