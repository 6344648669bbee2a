"""Bodies are received within limits of bytes, of values and of memory, and charged to their sender."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from service.auth.principals import Principal
from service.auth.quota import Quota
from service.auth.require import PRINCIPAL
from service.auth.tokens import Role
from service.http import receive as module
from service.http.bodies.frames_body import FramesBody, frames_limits
from service.http.cooperative_runner import CooperativeRunner
from service.http.receive import (
    CHARGED_BYTES,
    BodyMemory,
    charged_if_refused,
    receive_body,
    receive_charged,
    receive_frames,
    receive_json,
)
from service.problems import ProblemError
from service.routes.wearer_requests import ExampleFrames, NewExample, NewWearer
from service.wearers.glove_calibration import STEP_LIMITS, FramesOfStep, GloveSteps
from tests.deadlines import until

HOSTILE = [b"[" + b"{}," * 40_000 + b"{}]", b"[" * 50_000 + b"]" * 50_000, b'{"frames":[' + b"[]," * 50_000 + b"[]]}"]


def request(body: bytes, principal: Principal | None = None, part: int = 65536, scope: Scope | None = None) -> Request:
    """Return a request whose body arrives in parts of this size."""
    scope = {} if scope is None else scope
    parts = [body[begin : begin + part] for begin in range(0, len(body), part)] or [b""]
    messages: Iterator[Message] = iter(
        {"type": "http.request", "body": each, "more_body": number < len(parts)} for number, each in enumerate(parts, 1)
    )

    async def receive() -> Message:
        return next(messages)

    scope.update({"type": "http", "headers": [], PRINCIPAL: principal or sender()})
    return Request(scope, receive)


def sender(rate: float | None = None) -> Principal:
    return Principal("glove", Role.SENDER, Quota("glove", rate))


@pytest.mark.parametrize("body", HOSTILE, ids=["objects", "nested", "frames"])
@pytest.mark.parametrize("part", [4096, 10**6])
async def test_more_values_than_a_body_can_have_are_never_parsed(body: bytes, part: int) -> None:
    reader = FramesBody(NewExample, {"frames": ExampleFrames}, frames_limits(2000))
    with pytest.raises(ProblemError) as refused:
        await receive_frames(request(body, part=part), reader, 2000, CooperativeRunner())
    assert (refused.value.status, refused.value.code) == (413, "body_too_large")


@pytest.mark.parametrize("is_declared", [True, False])
async def test_the_rest_of_a_refused_body_is_read_where_it_has_an_end(is_declared: bool) -> None:
    """A connection that closes with bytes unread is reset, and the client may never see why."""
    body = HOSTILE[0]
    asked = request(body, part=4096)
    if is_declared:
        asked.scope["headers"].append((b"content-length", b"%d" % len(body)))
    with pytest.raises(ProblemError) as refused:
        await receive_body(asked, len(body), values=100)
    assert (refused.value.headers.get("Connection") == "close") is not is_declared
    left = 0
    with suppress(RuntimeError):  # of a coroutine whose iterator ends
        while (await asked.receive())["more_body"]:
            left += 1
    assert (left == 0) is is_declared


@pytest.mark.parametrize("body", [b"[" * 251 + b"]" * 251, b'{"wearer":' * 251 + b"1" + b"}" * 251])
async def test_nesting_is_an_error_of_the_request(body: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        await receive_json(request(body), NewWearer, 4096)
    assert (refused.value.status, refused.value.code) == (422, "invalid_request")


async def test_large_frames_are_validated_as_small_ones() -> None:
    frames = b"[%b]" % b",".join([b"[1.5,2,3,4,5,6,7,null]"] * 3000)
    body = b'{"hand":"left","steps":{"open":%b,"fist":%b}}' % (frames, frames)
    reader = FramesBody(GloveSteps, {"steps": FramesOfStep}, STEP_LIMITS)
    found = await receive_frames(request(body), reader, 30_000, CooperativeRunner())
    assert found == GloveSteps.model_validate_json(body)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (b'{"hand":"left","steps":{"open":[[1],%b]}}', "steps.open.0"),
        (b'{"hand":"none","steps":{"open":[%b]}}', "hand"),
        (b'{"steps":{"middle finger":[%b]}}', "steps.middle finger.[key]"),
        (b'{"steps":[%b]}', None),
        (b'{"steps":{"open":[%b]}', None),
    ],
)
async def test_a_fault_in_large_frames_is_named(wrong: bytes, field: str | None) -> None:
    frames = b",".join([b"[1.5,2,3,4,5,6,7,null]"] * 2990)
    reader = FramesBody(GloveSteps, {"steps": FramesOfStep}, STEP_LIMITS)
    with pytest.raises(ProblemError) as refused:
        await receive_frames(request(wrong % frames), reader, 30_000, CooperativeRunner())
    assert (refused.value.status, refused.value.code) == (422, "invalid_request")
    assert field is None or refused.value.field == field


async def test_all_large_bodies_together_are_bounded() -> None:
    """The third waits for no memory: it is refused, and admitted once another one is answered."""
    statuses: list[str] = []
    answered = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await receive_body(request(bytes(1000), part=100, scope=scope), 1000)
        except ProblemError as problem:
            statuses.append(f"{problem.status} {problem.code}")
            return
        statuses.append("received")
        await answered.wait()

    memory = BodyMemory(app, most_bytes=2000)

    def send_one() -> asyncio.Task[None]:
        return asyncio.create_task(memory({"type": "http"}, None, None))  # type: ignore[arg-type]

    first = [send_one(), send_one(), send_one()]
    await until(lambda: len(statuses) == 3)
    assert sorted(statuses) == ["503 busy", "received", "received"]
    answered.set()
    await asyncio.gather(*first)
    await send_one()
    assert statuses[-1] == "received"


async def test_a_body_is_paid_for_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now_s)
    principal = sender(rate=10.0)
    large = bytes(100 * CHARGED_BYTES)
    assert await receive_charged(request(large, principal), len(large)) == large
    with pytest.raises(ProblemError) as refused:
        await receive_charged(request(b"", principal), 10)
    assert (refused.value.code, refused.value.headers["Retry-After"]) == ("rate_limited", "9")
    principal.quota.spend(10, now_s)  # the streams of the same token have their windows
    now_s += 9.0
    assert await receive_charged(request(b"{}", principal), 10) == b"{}"


async def test_a_refused_prediction_is_paid_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "monotonic", lambda: 100.0)
    principal = sender(rate=10.0)
    with pytest.raises(ProblemError, match="wrong"), charged_if_refused(principal, bytes(100 * CHARGED_BYTES)):
        raise ProblemError(422, "invalid_request", "wrong")
    with pytest.raises(ProblemError, match="rate limit"), charged_if_refused(principal, b""):
        pass
