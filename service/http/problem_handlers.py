"""Responses of errors: handlers that turn every error of the app into a problem (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from scaleglove.validation_faults import describe_fault
from service.path_prefix import route_path
from service.problems import MEDIA_TYPE, PROBLEM_CODE, Problem, ProblemError

_HTTP_CODES: Final = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}
"""Codes of the errors of Starlette and FastAPI. Not derived from the status phrases, which Python changes."""

_LOG: Final = logging.getLogger(__name__)

_MAX_ECHO: Final = 100
"""Characters of a path that an error repeats; a client may send one of any length."""


def install(app: FastAPI) -> None:
    """Make `app` respond to every error with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(MemoryError, _on_shortage)
    app.add_exception_handler(Exception, _on_unexpected)


def respond(problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    """Return the response of a problem."""
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


def answer(scope: MutableMapping[str, Any], problem: ProblemError, headers: dict[str, str] | None = None) -> Response:
    """Return the response of a problem of a request or a handshake, and note its code for the metrics."""
    scope[PROBLEM_CODE] = problem.code
    path = route_path(scope)  # not that of the URL, which the Host header is a part of
    if path.startswith("/v2/") or path == "/v2":
        # The Open Inference Protocol has its own error format, and status 400 for an invalid request.
        status = 400 if problem.status == 422 else problem.status
        return Response(orjson.dumps({"error": problem.detail}), status, headers, "application/json")
    return respond(problem, headers)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return answer(request.scope, error, error.headers)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = _HTTP_CODES.get(error.status_code, "http_error")
    detail = f"{request.method[:_MAX_ECHO]} {request.scope['path'][:_MAX_ECHO]}: {phrase.lower()}"
    return answer(request.scope, ProblemError(error.status_code, code, detail), dict(error.headers or {}))


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    # The first part is the kind of parameter (path, query, body), not its name.
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    detail = f"{field}: {describe_fault(first)}" if field else f"the request {describe_fault(first)}"
    return answer(request.scope, ProblemError(422, "invalid_request", detail, field))


async def _on_disconnect(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # the client is gone


async def _on_shortage(request: Request, error: Exception) -> Response:
    _LOG.error("out of memory in %s", getattr(request.scope.get("route"), "path", "a request"))
    detail = "the service has too little memory for this request at the moment; try again, or send less at once"
    return answer(request.scope, ProblemError(503, "out_of_memory", detail))


async def _on_unexpected(request: Request, error: Exception) -> Response:
    # Starlette raises the error again after this response, so that the server logs its traceback.
    return answer(
        request.scope, ProblemError(500, "internal_error", "internal error; the log of the service has the cause")
    )
