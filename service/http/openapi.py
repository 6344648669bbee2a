"""The OpenAPI document: what FastAPI cannot derive, and its form, so that generators of clients can read it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.http.public_address import PublicAddress
from service.problems import Problem

_COMPONENTS: Final = "#/components/schemas/"
_LOCAL: Final = "#/$defs/"

_METHODS: Final = frozenset({"get", "put", "post", "delete", "head", "patch"})

_OF_FASTAPI: Final = ("HTTPValidationError", "ValidationError")
"""Bodies that FastAPI documents for a wrong parameter; this service answers with a problem."""


def example_response(example: Any) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` entry of a route, with an example of its response."""
    return {200: {"content": {"application/json": {"example": to_jsonable_python(example)}}}}


def documented_body(model: type[BaseModel], example: Any, required: bool = True) -> dict[str, Any]:
    """Return the `openapi_extra` of a route whose body is read by `receive_json`."""
    content = {"application/json": {"schema": model.model_json_schema(), "example": to_jsonable_python(example)}}
    return {"requestBody": {"required": required, "content": content}}


def operation_id(route: APIRoute) -> str:
    """Return the operation id of a route, which generated clients make a method of: the name of its function."""
    return route.name


def install(app: FastAPI) -> None:
    """Let `app` serve its document as `complete` leaves it, made in a thread when it is asked for first: streams would
    be silent for a quarter of a second."""
    derive = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete(derive())
        return app.openapi_schema

    async def answer(request: Request) -> Response:
        document = await asyncio.to_thread(openapi)
        # The whole address: a document that was saved is read elsewhere.
        return JSONResponse(document | {"servers": [{"url": PublicAddress.of(request.scope).url}]})

    app.openapi = openapi  # type: ignore[method-assign]
    of_fastapi = next(route for route in app.routes if isinstance(route, Route) and route.path == app.openapi_url)
    app.routes[app.routes.index(of_fastapi)] = Route(of_fastapi.path, answer, include_in_schema=False)


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Make every schema with a name a component: the problem, the bodies that routes read, and what these use.

    Raises:
        ValueError: two schemas of one name differ.
    """
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for operation in _operations(document):
        _drop_undeclared(operation["responses"])
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["schema"] = _named(content["schema"], schemas)
    for name in _OF_FASTAPI:
        schemas.pop(name, None)
    _add(schemas, "Problem", Problem.model_json_schema())
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation for method, operation in path.items() if method in _METHODS)


def _drop_undeclared(responses: dict[str, Any]) -> None:
    """Remove the response that FastAPI adds to each route with parameters, declared or not."""
    schema = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if schema.get("$ref") == _COMPONENTS + _OF_FASTAPI[0]:
        del responses["422"]


def _named(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Add a schema that has a name, and those that it defines, to `schemas`, and return a reference to it."""
    if "title" not in schema:
        return schema
    own = _referring_to_components({key: value for key, value in schema.items() if key != "$defs"})
    for name, defined in schema.get("$defs", {}).items():
        _add(schemas, name, _referring_to_components(defined))
    _add(schemas, schema["title"], own)
    return {"$ref": _COMPONENTS + schema["title"]}


def _referring_to_components(node: Any) -> Any:
    """Return a copy of a schema whose references into its own `$defs` are to components."""
    if isinstance(node, list):
        return [_referring_to_components(part) for part in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    changed = {key: _referring_to_components(value) for key, value in node.items()}
    if isinstance(reference, str):
        changed["$ref"] = reference.replace(_LOCAL, _COMPONENTS)
    return changed


def _add(schemas: dict[str, Any], name: str, schema: dict[str, Any]) -> None:
    if schemas.setdefault(name, schema) != schema:
        raise ValueError(f"two schemas are called {name}")
