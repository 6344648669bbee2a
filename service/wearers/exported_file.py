"""Format of exported files: one JSON document with a checksum, of any content.

    {"schema": ..., "version": ..., "sha256": ..., "content": {...}}

`sha256` is the digest of `content` (`scaleglove.content_digest`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scaleglove.content_digest import content_digest
from scaleglove.protocol import describe
from service.problems import ProblemError

_LAST_TIME: Final = 253_402_300_799  # the end of the year 9999

Time = Annotated[float, Field(ge=0, le=_LAST_TIME, allow_inf_nan=False)]

Version = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Part(BaseModel):
    """Part of an exported file."""

    model_config = ConfigDict(extra="forbid")


_Content = TypeVar("_Content", bound=Part)


class _Document(Part):
    schema_: str = Field(alias="schema")
    version: Annotated[int, Field(strict=True)]
    sha256: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileFormat(Generic[_Content]):
    """Format of the exports of one kind; `exported` is what a file is of, such as "a wearer"."""

    schema: str
    version: int
    exported: str
    content: type[_Content]

    def pack(self, content: _Content) -> bytes:
        """Encode the content as a file."""
        plain = content.model_dump(mode="json")
        document = {"schema": self.schema, "version": self.version, "sha256": content_digest(plain), "content": plain}
        return orjson.dumps(document)

    def unpack(self, file: bytes) -> _Content:
        """Decode a file of `pack`.

        Raises:
            ProblemError: 422 `bad_export`, naming the invalid field.
        """
        try:
            document = _Document.model_validate(orjson.loads(file))
        except orjson.JSONDecodeError as error:
            raise self._refused(f"it is not JSON ({error})", None) from None
        except ValidationError as error:
            raise self._invalid(error) from None
        for field, value, wanted in (
            ("schema", document.schema_, self.schema),
            ("version", document.version, self.version),
        ):
            if value != wanted:
                raise self._refused(f"{field}: it must be {wanted!r}", field)
        if content_digest(document.content) != document.sha256:
            detail = "sha256: it does not match the content; the file was changed or damaged, export it again"
            raise ProblemError(422, "bad_export", detail, "sha256")
        try:
            return self.content.model_validate(document.content)
        except ValidationError as error:
            raise self._invalid(error, "content") from None

    def _invalid(self, error: ValidationError, *path: str) -> ProblemError:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return self._refused(describe(error), ".".join(map(str, (*path, *fault["loc"])))[:100] or None)

    def _refused(self, why: str, field: str | None) -> ProblemError:
        return ProblemError(422, "bad_export", f"the file is not an export of {self.exported}: {why}", field)
