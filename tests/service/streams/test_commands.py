from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from scaleglove.protocol import Command, Commanded
from service.problems import ProblemError
from service.streams import commands
from service.streams.commands import MAX_WAITING, GloveCommands


@pytest.fixture
def told() -> list[Command]:
    return []


@pytest.fixture
def glove(told: list[Command]) -> GloveCommands:
    return GloveCommands(("interval", "recal"), told.append)


async def begun(ask: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(ask)
    await asyncio.sleep(0)
    return task


async def code_of(ask: Coroutine[Any, Any, None] | asyncio.Task[None]) -> tuple[int, str, str]:
    with pytest.raises(ProblemError) as caught:
        await ask
    return caught.value.status, caught.value.code, caught.value.detail


async def test_a_command_is_done_when_the_client_says_so(glove: GloveCommands, told: list[Command]) -> None:
    asking = await begun(glove.ask("interval", 20.0))
    assert told == [Command(0, "interval", 20.0)]
    assert not asking.done()
    glove.answered(Commanded(0, None))
    await asking


async def test_each_answer_finds_its_question(glove: GloveCommands, told: list[Command]) -> None:
    first, second = await begun(glove.ask("recal", None)), await begun(glove.ask("interval", 5.0))
    glove.answered(Commanded(told[1].id, "the port is closed"))
    glove.answered(Commanded(77, None))
    assert await code_of(second) == (409, "link_lost", "the port is closed")
    assert not first.done()
    glove.answered(Commanded(told[0].id, None))
    glove.answered(Commanded(told[0].id, "again"))
    await first


async def test_what_the_glove_does_not_take_is_not_sent(glove: GloveCommands, told: list[Command]) -> None:
    status, code, detail = await code_of(glove.ask("yawzero", None))
    assert (status, code) == (409, "no_commands")
    assert "takes interval, recal" in detail
    assert (await code_of(GloveCommands((), told.append).ask("recal", None)))[2].endswith("it takes none")
    assert told == []


async def test_a_client_that_does_not_answer(glove: GloveCommands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "ANSWER_S", 0.01)
    assert (await code_of(glove.ask("recal", None)))[:2] == (504, "no_answer")
    glove.answered(Commanded(0, None))  # too late
    asking = await begun(glove.ask("recal", None))
    glove.answered(Commanded(1, None))
    await asking


async def test_so_many_wait_and_no_more(glove: GloveCommands, told: list[Command]) -> None:
    waiting = [await begun(glove.ask("recal", None)) for _ in range(MAX_WAITING)]
    assert (await code_of(glove.ask("recal", None)))[:2] == (429, "too_many_commands")
    for command in told:
        glove.answered(Commanded(command.id, None))
    await asyncio.gather(*waiting)


async def test_a_stream_that_ends_leaves_nobody_waiting(glove: GloveCommands) -> None:
    asking = await begun(glove.ask("recal", None))
    glove.end()
    assert (await code_of(asking))[:2] == (404, "unknown_stream")
