"""The role that each route requires, over real sockets."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Route
from websockets.exceptions import InvalidStatus

from service.app import create_app
from service.auth.require import Require
from service.auth.tokens import Role
from service.settings import Settings
from tests.deadlines import wait_until
from tests.live_service import few_models
from tests.service.sockets import read, streams

TOKENS = {role: f"{role.value}-0123456789" for role in Role}
OPEN, VIEWER, SENDER = None, Role.VIEWER, Role.SENDER

NEEDED = {
    "GET /openapi.json": OPEN,
    "GET /docs": OPEN,
    "GET /asyncapi.json": OPEN,
    "GET /health/live": OPEN,
    "HEAD /health/live": OPEN,
    "GET /health/ready": OPEN,
    "HEAD /health/ready": OPEN,
    "GET /metrics": VIEWER,
    "GET /v1/models": VIEWER,
    "GET /v1/models/{name}": VIEWER,
    "GET /v1/models/{name}/importance": VIEWER,
    "POST /v1/models/reload": Role.ADMIN,
    "GET /v1/letters": VIEWER,
    "GET /v1/vocabularies": VIEWER,
    "GET /v1/streams": VIEWER,
    "POST /v1/streams/{stream}/commands": SENDER,
    "POST /v1/streams/{stream}/text": SENDER,
    "PUT /v1/streams/{stream}/model": SENDER,
    "POST /v1/streams/{stream}/model": SENDER,
    "WebSocket /v1/streams/{stream}/watch": VIEWER,
    "WebSocket /v1/stream": SENDER,
    "POST /v1/predict": SENDER,
    "POST /v1/wearers": SENDER,
    "GET /v1/wearers": VIEWER,
    "GET /v1/wearers/{wearer}": VIEWER,
    "DELETE /v1/wearers/{wearer}": SENDER,
    "GET /v1/wearers/{wearer}/export": SENDER,
    "GET /v1/wearers/{wearer}/doubts": VIEWER,
    "GET /v1/wearers/{wearer}/sitting": VIEWER,
    "POST /v1/wearers/{wearer}/sitting": SENDER,
    "POST /v1/wearers/{wearer}/words": SENDER,
    "DELETE /v1/wearers/{wearer}/words": SENDER,
    "GET /v1/wearers/{wearer}/guide": VIEWER,
    "POST /v1/wearers/import": SENDER,
    "POST /v1/wearers/{wearer}/examples": SENDER,
    "GET /v1/wearers/{wearer}/examples": VIEWER,
    "DELETE /v1/wearers/{wearer}/examples/{example}": SENDER,
    "DELETE /v1/wearers/{wearer}/examples": SENDER,
    "POST /v1/wearers/{wearer}/calibrate": SENDER,
    "GET /v1/wearers/{wearer}/profiles": VIEWER,
    "POST /v1/wearers/{wearer}/profiles/{version}/activate": SENDER,
    "POST /v1/glove-checks": SENDER,
    "POST /v1/gloves": SENDER,
    "GET /v1/gloves": VIEWER,
    "GET /v1/gloves/{glove}": VIEWER,
    "DELETE /v1/gloves/{glove}": SENDER,
    "PUT /v1/gloves/{glove}/usb": SENDER,
    "DELETE /v1/gloves/{glove}/usb": SENDER,
    "GET /v1/gloves/{glove}/export": SENDER,
    "POST /v1/gloves/import": SENDER,
    "POST /v1/gloves/{glove}/calibrate": SENDER,
    "GET /v1/gloves/{glove}/profiles": VIEWER,
    "POST /v1/gloves/{glove}/profiles/{version}/activate": SENDER,
    "GET /v2": VIEWER,
    "GET /v2/health/live": OPEN,
    "GET /v2/health/ready": OPEN,
    "POST /v2/repository/index": VIEWER,
    "GET /v2/models/stats": VIEWER,
    **{
        f"{call} /v2/models/{{name}}{version}{tail}": role
        for version in ("", "/versions/{version}")
        for call, tail, role in [
            ("GET", "", VIEWER),
            ("GET", "/config", VIEWER),
            ("GET", "/ready", VIEWER),
            ("GET", "/stats", VIEWER),
            ("POST", "/infer", SENDER),
        ]
    },
}
"""The role that each route requires. A new route must be added here; `service.auth.require.Require` enforces it."""


def routes(among: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in among:
        included = getattr(route, "original_router", None)  # newer FastAPIs keep included routers as they are
        yield from [route] if included is None else routes(included.routes)


def roles(dependant: Any) -> Iterator[Role]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Require):
            yield dependency.call.role
        yield from roles(dependency)


def needed(route: BaseRoute) -> dict[str, Role | None]:
    role = next(roles(route.dependant), None) if isinstance(route, APIRoute | APIWebSocketRoute) else None
    if isinstance(route, APIWebSocketRoute):
        return {f"WebSocket {route.path}": role}
    assert isinstance(route, APIRoute | Route)
    methods = set(route.methods or ())
    if not isinstance(route, APIRoute):
        methods.discard("HEAD")  # starlette's own beside GET
    return {f"{method} {route.path}": role for method in methods}


def test_every_route_needs_the_role_that_was_decided_for_it() -> None:
    app = create_app(Settings(_env_file=None, models_dir=few_models()))
    found: dict[str, Role | None] = {}
    for route in routes(app.routes):
        found |= needed(route)
    assert found == NEEDED


def setting(**changes: Any) -> str:
    return json.dumps(
        [{"name": f"the {role}", "token": token, "role": role} | changes for role, token in TOKENS.items()]
    )


@pytest.fixture(scope="module")
def protected() -> Iterator[Any]:
    from tests.service.conftest import running

    with running(tokens=setting()) as service:
        yield service


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def subprotocol(token: str) -> str:
    return "scaleglove.token." + base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


def refused(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the detail of a refused request."""
    body = response.json()
    if response.request.url.path.startswith("/v2"):  # the Open Inference Protocol has errors of its own
        return response.status_code, body["error"]
    assert response.headers["content-type"] == "application/problem+json"
    assert body["code"] == {401: "unauthorized", 403: "forbidden"}[response.status_code]
    return response.status_code, body["detail"]


ONLY_WITHOUT_TOKENS = "GET /docs"
HTTP_ROUTES = {
    name: role for name, role in NEEDED.items() if not name.startswith("WebSocket") and name != ONLY_WITHOUT_TOKENS
}


@pytest.mark.parametrize("name", HTTP_ROUTES)
def test_a_request_requires_its_role(protected: Any, artefact: Any, name: str) -> None:
    method, path = name.split()
    version = "1" if path.startswith(("/v1/wearers", "/v1/gloves")) else artefact.contract.version
    url = protected.url + path.format(
        name=artefact.contract.name, version=version, stream="none", wearer="nobody", glove="none", example=1
    )

    def status(headers: dict[str, str]) -> int:
        return httpx.request(method, url, headers=headers).status_code

    role = HTTP_ROUTES[name]
    if role is OPEN:
        assert {status({}), status(bearer("wrong"))} == {200}
        return
    response = httpx.request(method, url)
    assert refused(response) == (401, "a token is required: send the header Authorization: Bearer TOKEN")
    assert response.headers["www-authenticate"] == 'Bearer realm="scaleglove"'
    wrong = httpx.request(method, url, headers=bearer("wrong-0123456789"))
    assert refused(wrong) == (401, "the token is unknown to this service")
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    for theirs, token in TOKENS.items():
        answer = httpx.request(method, url, headers=bearer(token))
        if theirs.covers(role):
            assert answer.status_code in {200, 400, 404, 422}  # a prediction of nothing, a wearer who is nobody
        else:
            detail = f"the token 'the {theirs}' has the role {theirs}; this requires the role {role}"
            assert refused(answer) == (403, detail)


@pytest.mark.parametrize("header", ["bearer  {}", "BEARER {}"])
def test_spelling_of_the_scheme(protected: Any, header: str) -> None:
    headers = {"Authorization": header.format(TOKENS[VIEWER])}
    assert httpx.get(f"{protected.url}/v1/models", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "header", ["{}", "Basic {}", "Bearer", "Bearer {}x", "Bearer \xff\xfe{}", "Bearer {0} {0}", "Token {}"]
)
def test_other_headers_are_no_token(protected: Any, header: str) -> None:
    headers = [(b"authorization", header.format(TOKENS[VIEWER]).encode("latin-1"))]
    assert httpx.get(f"{protected.url}/v1/models", headers=headers).status_code == 401


def test_no_token_in_the_query(protected: Any) -> None:
    token = TOKENS[Role.ADMIN]
    for name in ("token", "access_token", "authorization"):
        assert httpx.get(f"{protected.url}/v1/models", params={name: token}).status_code == 401
        with pytest.raises(InvalidStatus), protected.socket(f"/v1/stream?{name}={token}"):
            pytest.fail("it was let in")


def by_header(token: str) -> dict[str, Any]:
    return {"additional_headers": bearer(token)}


def by_subprotocol(token: str) -> dict[str, Any]:
    return {"subprotocols": ["scaleglove.v1", subprotocol(token)]}


def refusal(service: Any, path: str, options: dict[str, Any]) -> tuple[int, dict[str, Any], str | None]:
    with pytest.raises(InvalidStatus) as caught, service.socket(path, **options):
        pytest.fail("it was let in")
    response = caught.value.response
    assert response.headers["content-type"] == "application/problem+json"
    assert response.body is not None
    return response.status_code, json.loads(response.body), response.headers.get("www-authenticate")


@pytest.mark.parametrize("path", ["/v1/stream", "/v1/streams/none/watch"])
@pytest.mark.parametrize("by", [by_header, by_subprotocol])
def test_a_socket_requires_its_role(protected: Any, path: str, by: Callable[[str], dict[str, Any]]) -> None:
    role = SENDER if path == "/v1/stream" else VIEWER
    status, problem, challenge = refusal(protected, path, {})
    assert (status, problem["status"], problem["code"]) == (401, 401, "unauthorized")
    assert challenge == 'Bearer realm="scaleglove"'
    status, problem, challenge = refusal(protected, path, by("wrong-0123456789"))
    assert (status, problem["code"], challenge) == (
        401,
        "unauthorized",
        'Bearer realm="scaleglove", error="invalid_token"',
    )
    for theirs, token in TOKENS.items():
        if theirs.covers(role):
            with protected.socket(path, **by(token)) as socket:
                assert socket.subprotocol == "scaleglove.v1"
        else:
            status, problem, _ = refusal(protected, path, by(token))
            assert (status, problem["code"]) == (403, "forbidden")


@pytest.mark.parametrize("text", ["", "!", "a", "_w", "AAAA"])
def test_a_subprotocol_without_a_token(protected: Any, text: str) -> None:
    offered = ["scaleglove.v1", f"scaleglove.token.{text}"]
    assert refusal(protected, "/v1/stream", {"subprotocols": offered})[0] == 401


def test_rate_and_streams_hold_for_a_token_over_its_requests(start_service: Any, glove: Any) -> None:
    window = glove(40).tolist()
    with start_service(tokens=setting(rate=3)) as service:

        def post(windows: int, role: Role = SENDER) -> httpx.Response:
            body = {"windows": [window] * windows}
            return httpx.post(f"{service.url}/v1/predict", json=body, headers=bearer(TOKENS[role]))

        too_large = post(4)
        assert (too_large.status_code, too_large.json()["code"]) == (413, "too_many_windows")
        answers = [post(3) for _ in range(2)]
        assert answers[0].status_code == 200
        assert (answers[1].status_code, answers[1].json()["code"]) == (429, "rate_limited")
        assert answers[1].headers["retry-after"] == "1"
        assert post(3, Role.ADMIN).status_code == 200  # each token has its own quota


def test_without_tokens_a_token_does_no_harm(service: Any, started: Any) -> None:
    assert httpx.get(f"{service.url}/v1/models", headers=bearer("whatever")).status_code == 200
    with service.socket(**by_subprotocol("whatever")) as socket:
        assert socket.subprotocol == "scaleglove.v1"
        socket.send(json.dumps(started()))
        name = read(socket)["stream"]
        assert name in streams(service)
    wait_until(lambda: name not in streams(service))
