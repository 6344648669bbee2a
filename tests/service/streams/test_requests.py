"""Requests that wait for a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from scaleglove.protocol import Commanded, Text
from service.problems import ProblemError
from service.streams.requests import COMMANDS, EDITS, MAX_WAITING, SWITCHES, RequestKind, Requests

TEXT = Text(0.0, "가", "", "ㄱㅏ")
KINDS = [COMMANDS, EDITS, SWITCHES]


async def begun(request: Awaitable[Any]) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(request)
    await asyncio.sleep(0)
    return task


async def code_of(request: Awaitable[Any]) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        await request
    assert caught.value.detail
    return caught.value.status, caught.value.code


async def test_each_reply_finds_its_request() -> None:
    requests: Requests[Commanded] = Requests(COMMANDS)
    sent: list[int] = []
    first, second = await begun(requests.ask(sent.append)), await begun(requests.ask(sent.append))
    assert sent == [0, 1]
    requests.resolve(1, Commanded(1, "the port is closed"))
    requests.resolve(77, Commanded(77, None))  # nobody has asked
    assert await second == Commanded(1, "the port is closed")
    assert (first.done(), requests.is_waiting(0), requests.is_waiting(1)) == (False, True, False)
    requests.resolve(0, Commanded(0, None))
    requests.resolve(0, Commanded(0, "again"))
    assert await first == Commanded(0, None)


async def test_a_reply_that_is_there_at_once() -> None:
    requests: Requests[Text] = Requests(EDITS)
    assert await requests.ask(lambda number: requests.resolve(number, TEXT)) == TEXT


async def test_a_fault_reaches_its_caller() -> None:
    requests: Requests[Text] = Requests(SWITCHES)
    with pytest.raises(ValueError, match="a bug"):
        await requests.ask(lambda number: requests.reject(number, ValueError("a bug")))

    def fail(number: int) -> None:
        raise OSError("not sent")

    with pytest.raises(OSError, match="not sent"):
        await requests.ask(fail)
    assert not requests.is_waiting(0)


@pytest.mark.parametrize(
    ("kind", "code"), [(COMMANDS, "too_many_commands"), (EDITS, "too_many_edits"), (SWITCHES, "too_many_switches")]
)
async def test_no_more_than_a_few_wait_and_all_learn_of_the_end(kind: RequestKind[Any], code: str) -> None:
    requests: Requests[Any] = Requests(kind)
    sent: list[int] = []
    asking = [await begun(requests.ask(sent.append)) for _ in range(MAX_WAITING)]
    assert await code_of(requests.ask(sent.append)) == (429, code)
    assert len(sent) == MAX_WAITING
    requests.resolve(sent[0], TEXT)
    requests.end()
    first, *rest = asking
    assert await first == TEXT
    assert [await code_of(each) for each in rest] == [(404, "unknown_stream")] * (MAX_WAITING - 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reply_that_never_comes(kind: RequestKind[Any]) -> None:
    requests: Requests[Any] = Requests(replace(kind, timeout_s=0.01))
    assert await code_of(requests.ask(lambda number: None)) == (504, "no_answer")
    requests.resolve(0, TEXT)  # too late
    requests.reject(0, ValueError())
    assert await requests.ask(lambda number: requests.resolve(number, TEXT)) == TEXT
