"""Every request that the OpenAPI document allows gets a documented response, and never a 5xx."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from models.runtime.artefact import Artefact
from tests.deadlines import EVENT_S

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 2
"""Examples of each operation, with valid and with invalid data each: of some sixty operations a few hundred."""


def test_every_operation_answers_as_documented(service: Any) -> None:
    document = schemathesis.openapi.from_url(f"{service.url}/openapi.json")
    tried = set()
    # Not `schema.parametrize`: schemathesis 4's pytest plugin does not run with every pytest 9.
    for found in document.get_all_operations():
        operation = found.ok()
        answer_as_documented(operation.as_strategy())
        with contextlib.suppress(Unsatisfiable):  # where nothing is asked for, nothing can be wrong
            answer_as_documented(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        tried.add(operation.label)
    assert {"POST /v1/predict", "POST /v2/models/{name}/infer", "GET /v1/models/{name}"} <= tried


def test_examples_of_answers_are_true(service: Any, artefact: Artefact) -> None:
    contract = artefact.contract
    for path, operations in httpx.get(f"{service.url}/openapi.json").json()["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if (example := content.get("application/json", {}).get("example")) is not None:
            answer = httpx.get(service.url + path.format(name=contract.name, version=contract.version)).json()
            assert counted(path, answer) == counted(path, example), path


def counted(path: str, answer: Any) -> Any:
    """Remove what is measured at each request: of statistics and models keep only counts and fixed values."""
    if path.endswith("/stats"):
        return sorted(answer["model_stats"][0])
    if path == "/v1/models":
        return [{**model, "window_ms": model["window_ms"] > 0.0} for model in answer["models"]], answer["default"]
    return answer


def answer_as_documented(cases: Any) -> None:
    @given(case=cases)
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, timeout=EVENT_S)

    check()
