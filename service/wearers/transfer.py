"""A wearer as a file: everything that is kept of her, in one JSON document that notices when it is damaged. Pure.

    {"schema": "scaleglove.wearer", "version": 1, "sha256": ..., "content": {...}}

`sha256` is that of `content` as JSON with sorted keys and no spaces, in UTF-8: layout may change, what it says may not.
Arrays are little-endian float32 in base64.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from scaleglove.channels import CHANNELS, MAX_MAGNITUDE
from scaleglove.protocol import DecoderOptions, RateHz, describe
from service.problems import ProblemError
from service.wearers.names import Label, WearerName
from service.wearers.records import Comparison, Source
from service.wearers.store import MAX_EXAMPLES

SCHEMA: Final = "scaleglove.wearer"
VERSION: Final = 1

MAX_BYTES: Final = 32 * 1024 * 1024
"""MAX_EXAMPLES full windows and a dozen profiles made of all of them take two thirds of that."""

_FLOAT_BYTES: Final = 4
_FRAME_BYTES: Final = _FLOAT_BYTES * len(CHANNELS)
_MAX_FRAMES: Final = 4096
_MAX_PROFILES: Final = 10_000
_MAX_VERSION: Final = 1_000_000_000


def _is_window(packed: bytes) -> bytes:
    if not packed or len(packed) % _FRAME_BYTES or len(packed) > _MAX_FRAMES * _FRAME_BYTES:
        raise ValueError(f"{len(packed)} bytes are no window of 1 to {_MAX_FRAMES} frames of {_FRAME_BYTES} bytes")
    if not (np.abs(np.frombuffer(packed, "<f4")) <= MAX_MAGNITUDE).all():
        raise ValueError(f"a reading is not a number within +-{MAX_MAGNITUDE:g}")
    return packed


def _are_numbers(packed: bytes) -> bytes:
    if not packed or len(packed) % _FLOAT_BYTES or not (np.abs(np.frombuffer(packed, "<f4")) <= MAX_MAGNITUDE).all():
        raise ValueError(f"these are no float32 numbers within +-{MAX_MAGNITUDE:g}")
    return packed


def _from_base64(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("this is no base64 text")
    try:
        return b64decode(text, validate=True)
    except ValueError:  # binascii's, and of text that is not ASCII
        raise ValueError("this is no base64 text") from None


def _to_base64(packed: bytes) -> str:
    return b64encode(packed).decode("ascii")


_Packed = Annotated[bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64)]
_LAST_TIME: Final = 253_402_300_799  # the end of the year 9999
_Time = Annotated[float, Field(ge=0, le=_LAST_TIME, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExportedExample(_Part):
    label: Label
    window: Annotated[_Packed, AfterValidator(_is_window)]
    sample_rate_hz: RateHz
    source: Source
    quality: Annotated[float, Field(ge=0, le=1)] | None
    created_at: _Time


class ExportedProfile(_Part):
    version: Annotated[int, Field(ge=1, le=_MAX_VERSION)]
    model: Annotated[str, Field(min_length=1, max_length=256)]
    model_version: Annotated[str, Field(min_length=1, max_length=64)]
    artefact_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    labels: Annotated[list[Label], Field(min_length=1, max_length=MAX_EXAMPLES)]
    embeddings: Annotated[_Packed, AfterValidator(_are_numbers)]
    comparison: Comparison
    decoder: DecoderOptions | None
    created_at: _Time

    @model_validator(mode="after")
    def _one_embedding_each(self) -> Self:
        if len(self.embeddings) % (_FLOAT_BYTES * len(self.labels)):
            raise ValueError(f"the embeddings cannot be shared out to {len(self.labels)} labels")
        return self


class ExportedWearer(_Part):
    """Everything that is kept of a wearer."""

    wearer: WearerName
    created_at: _Time
    examples: Annotated[list[ExportedExample], Field(max_length=MAX_EXAMPLES)]
    profiles: Annotated[list[ExportedProfile], Field(max_length=_MAX_PROFILES)]
    active: dict[str, int]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        models = {profile.version: profile.model for profile in self.profiles}
        if len(models) != len(self.profiles):
            raise ValueError("two profiles have the same version")
        for model, version in self.active.items():
            if models.get(version) != model:
                raise ValueError(f"active: there is no profile {version} for {model[:64]!r}")
        return self


class _Document(_Part):
    schema_: Literal["scaleglove.wearer"] = Field(alias="schema")
    version: Literal[1]
    sha256: str
    content: dict[str, Any]


def pack(wearer: ExportedWearer) -> bytes:
    """A wearer as a file."""
    content = wearer.model_dump(mode="json")
    document = {"schema": SCHEMA, "version": VERSION, "sha256": _digest(content), "content": content}
    return orjson.dumps(document)


def unpack(file: bytes) -> ExportedWearer:
    """What `pack` wrote.

    Raises:
        ProblemError: 422 `bad_export`, naming the field that is wrong; nothing of a damaged file is used.
    """
    try:
        document = _Document.model_validate(orjson.loads(file))
    except orjson.JSONDecodeError as error:
        raise ProblemError(422, "bad_export", f"this is no export of a wearer, nor any JSON: {error}") from None
    except ValidationError as error:
        raise _refused(error) from None
    if _digest(document.content) != document.sha256:
        detail = "sha256: it is not that of the content, which was changed or damaged since it was exported"
        raise ProblemError(422, "bad_export", detail, "sha256")
    try:
        return ExportedWearer.model_validate(document.content)
    except ValidationError as error:
        raise _refused(error, "content") from None


def _digest(content: dict[str, Any]) -> str:
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _refused(error: ValidationError, *before: str) -> ProblemError:
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(map(str, (*before, *fault["loc"])))[:100] or None
    return ProblemError(422, "bad_export", f"this is no export of a wearer: {describe(error)}", field)
