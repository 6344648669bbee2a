"""Problems whose status the OpenAPI entry of their route does not declare, whichever test meets them."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from fastapi.routing import APIRoute

from service.http import problem_handlers
from service.problems import ProblemError

_answer = problem_handlers.answer


@contextmanager
def undeclared_problems() -> Iterator[set[str]]:
    """Collect, for services in this process, `METHOD path: status code` of each undeclared problem of the block."""
    found: set[str] = set()

    def answer(scope: MutableMapping[str, Any], problem: ProblemError, *others: Any) -> Any:
        response = _answer(scope, problem, *others)
        route = scope.get("route")
        is_its_own = isinstance(route, APIRoute) and route.include_in_schema and scope["method"] in route.methods
        if is_its_own and response.status_code not in route.responses:
            found.add(f"{scope['method']} {route.path}: {response.status_code} {problem.code}")
        return response

    with mock.patch.object(problem_handlers, "answer", answer):
        yield found
