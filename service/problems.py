"""Errors over HTTP: RFC 9457 `application/problem+json` with a stable code and the field at fault.

It imports no web framework, so that settings and the command line can refuse without loading one;
`service/http/problem_handlers.py` makes responses of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field

from scaleglove.errors import ScaleGloveError

MEDIA_TYPE: Final = "application/problem+json"

PROBLEM_CODE: Final = "scaleglove.problem"
"""Key of the ASGI scope with the code of the problem that a request was answered with, for the metrics."""


class ProblemError(ScaleGloveError):
    """Refusal of a request. `code` is stable, `field` is the part of the request at fault, and `hang_up` closes the
    connection after the response even if more of the request is arriving."""

    def __init__(  # noqa: PLR0913 - the parts of a response, by name
        self,
        status: int,
        code: str,
        detail: str,
        field: str | None = None,
        *,
        hang_up: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {}) | ({"Connection": "close"} if hang_up else {})


class Problem(BaseModel):
    """Body of every error (RFC 9457)."""

    type: str = Field(description="urn:scaleglove:problem:CODE", examples=["urn:scaleglove:problem:unknown_model"])
    title: str = Field(description="the code as words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="one sentence about this occurrence")
    code: str = Field(description="stable identifier for programs")
    field: str | None = Field(None, description="path to the part of the request at fault, for example windows.0.3.2")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` entry of a route that may respond with problems of these statuses."""
    # As a `model`, FastAPI would document it as application/json too. `service/http/openapi.py` adds the component.
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}
