"""Errors over HTTP: RFC 9457 `application/problem+json`, each with a stable code and the field it is about."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from scaleglove.errors import ScaleGloveError

MEDIA_TYPE: Final = "application/problem+json"

PROBLEM_CODE: Final = "scaleglove.problem"
"""Where the ASGI scope of a request says with which code it was refused, for whoever counts."""

_HTTP_CODES: Final = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}
"""Codes of what Starlette and FastAPI refuse themselves. Not made from the phrase of a status: Python changes those."""

_MAX_ECHO: Final = 100
"""Characters of a path that are said back; it is the sender's own, of any length."""


class ProblemError(ScaleGloveError):
    """A request that cannot be answered; `code` is stable, `field` is where the fault lies in the request. `hang_up`:
    the connection is closed after the answer, whatever is still coming."""

    def __init__(  # noqa: PLR0913 - what an answer is made of, by name
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
    """The body of every error (RFC 9457)."""

    type: str = Field(description="urn:scaleglove:problem:CODE", examples=["urn:scaleglove:problem:unknown_model"])
    title: str = Field(description="the code in words")
    status: int = Field(description="the HTTP status again")
    detail: str = Field(description="one sentence about this occurrence")
    code: str = Field(description="stable, for programs")
    field: str | None = Field(None, description="where in the request the fault lies, such as windows.0.3.2")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` entry of a route that may answer with these problem statuses."""
    # Given as `model`, FastAPI would document it as application/json too.
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_unexpected)


def respond(problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    body = Problem(
        type=f"urn:scaleglove:problem:{problem.code}",
        title=problem.code.replace("_", " ").capitalize(),
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        field=problem.field,
    )
    content = orjson.dumps(body.model_dump(exclude_none=True))
    return Response(content, problem.status, headers, MEDIA_TYPE)


def _answer(request: Request, problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    request.scope[PROBLEM_CODE] = problem.code
    if request.url.path.startswith("/v2/") or request.url.path == "/v2":
        # The Open Inference Protocol has errors of its own, and calls a request that cannot be understood 400.
        status = 400 if problem.status == 422 else problem.status
        return Response(orjson.dumps({"error": problem.detail}), status, headers, "application/json")
    return respond(problem, headers)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return _answer(request, error, error.headers)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = _HTTP_CODES.get(error.status_code, "http_error")
    detail = f"{request.method[:_MAX_ECHO]} {request.url.path[:_MAX_ECHO]}: {phrase.lower()}"
    return _answer(request, ProblemError(error.status_code, code, detail), dict(error.headers or {}))


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    # The first part says where the parameter stands (path, query, body), not what it is called.
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    return _answer(request, ProblemError(422, "invalid_request", str(first["msg"]), field))


async def _on_disconnect(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _on_unexpected(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the server logs it with its traceback.
    return _answer(request, ProblemError(500, "internal_error", "the service failed at this request; its log says why"))
