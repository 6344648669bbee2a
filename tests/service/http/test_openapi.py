"""Form of the OpenAPI document: what a generator of clients needs, and every status that a route can answer with."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from service.app import create_app
from service.auth.require import Require
from service.http.openapi import complete
from service.problems import MEDIA_TYPE
from service.settings import Settings
from tests.live_service import few_models

REFUSALS: Final = {
    r"receive_json": {408, 413, 422, 429, 503},
    r"receive_body": {408, 413, 503},
    r"receive_(charged|frames)": {408, 413, 429, 503},
    r"registry\.get": {404},
    r"quota\.spend": {413, 429},
    r"state\.load_(profile|glove)": {404, 409, 503, 507},
    r"directory\.list": {503},
    r"directory\.(front_end|held_shapes|newest_window)": {404, 503},
    r"directory\.(command|edit|switch)": {404, 429, 503, 504},
    r"(store|archive|profiles)\.\w+": {503, 507},
    r"(guided|doubtful|sitting|calibrator)\.\w+": {404, 409, 422, 503, 507},
}
"""What the functions that routes call refuse with, by their names."""


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings(_env_file=None, models_dir=few_models()))


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def routes(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        yield from ((f"{method} {path}", operation) for method, operation in methods.items())


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(part)


def test_operation_ids_are_names_of_methods_and_each_is_given_once(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert {"predict", "list_streams", "create_wearer", "v2_model_infer"} <= set(ids)
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []
    assert [name for name in ids if re.search(r"_(get|post|put|delete)$", name)] == []


def test_every_reference_is_to_a_component_that_is_there(document: dict[str, Any]) -> None:
    references = {node["$ref"] for node in objects(document) if isinstance(node.get("$ref"), str)}
    defined = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references - defined == set()
    assert "#/components/schemas/DecoderOptions" in references
    assert not any("$defs" in node for node in objects(document))


def test_the_problem_is_one_component(document: dict[str, Any]) -> None:
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    bodies = [
        response["content"][MEDIA_TYPE]
        for _, operation in operations(document)
        for response in operation["responses"].values()
        if MEDIA_TYPE in response.get("content", {})
    ]
    assert bodies
    assert all(body == reference for body in bodies)
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail", "code"]
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])


def test_bodies_that_routes_read_are_components(document: dict[str, Any]) -> None:
    for path, name in {"/v1/predict": "PredictRequest", "/v1/wearers/{wearer}/calibrate": "Calibration"}.items():
        body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert body["schema"] == {"$ref": f"#/components/schemas/{name}"}
        assert body["example"] if "example" in body else body["examples"]


def test_two_schemas_of_one_name_are_refused() -> None:
    def path(schema: dict[str, Any]) -> dict[str, Any]:
        content = {"application/json": {"schema": {"title": "Same", **schema}}}
        return {"post": {"requestBody": {"content": content}, "responses": {}}}

    with pytest.raises(ValueError, match="two schemas are called Same"):
        complete({"paths": {"/a": path({"type": "object"}), "/b": path({"type": "string"})}})


def test_every_route_declares_the_statuses_that_it_can_answer_with(app: FastAPI) -> None:
    missing = {}
    for route in routes(app):
        declared = {int(status) for status in route.responses}
        if undeclared := refusals(route) - declared:
            missing[f"{route.name} {route.path}"] = sorted(undeclared)
    assert missing == {}


def test_predict_declares_what_a_wearer_without_a_profile_and_a_database_that_is_away_answer(
    document: dict[str, Any],
) -> None:
    assert {"409", "503"} <= set(document["paths"]["/v1/predict"]["post"]["responses"])


def refusals(route: APIRoute) -> set[int]:
    """Return the statuses of what a route requires and of what its function names."""
    expected = {403, 431, 500, 503}
    if any(isinstance(required.call, Require) for required in route.dependant.dependencies):
        expected |= {401}
    if (route.openapi_extra or {}).get("requestBody"):
        expected |= {408, 413}
    for name in named_in(route):
        for pattern, statuses in REFUSALS.items():
            if re.search(rf"(^|\.){pattern}$", name):
                expected |= statuses
    # The Open Inference Protocol answers an invalid request with 400.
    return {400 if status == 422 else status for status in expected} if route.path.startswith("/v2") else expected


def named_in(route: APIRoute) -> set[str]:
    """Return the dotted names in the function of a route, such as `state.directory.list`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(route.endpoint)))
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)}
