"""Edits that wait for their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from scaleglove.protocol import EditAction, Text
from service.problems import ProblemError
from service.streams import edits
from service.streams.edits import MAX_WAITING, LineEdits

TEXT = Text(0.0, "가", "", "ㄱㅏ")


class Line:
    """Does nothing of itself."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[Text], None]] = []

    def put(self, action: EditAction, done: Callable[[Text], None]) -> None:
        self.waiting.append(done)


async def test_no_more_than_a_few_wait_and_all_are_told_of_the_end() -> None:
    line = Line()
    of_stream = LineEdits(line.put)
    asking = [asyncio.create_task(of_stream.ask("space")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(ProblemError) as caught:
        await of_stream.ask("delete")
    assert (caught.value.status, caught.value.code) == (429, "too_many_edits")
    assert len(line.waiting) == MAX_WAITING
    line.waiting[0](TEXT)
    of_stream.end()
    first, *rest = await asyncio.gather(*asking, return_exceptions=True)
    assert first == TEXT
    assert {fault.code for fault in rest if isinstance(fault, ProblemError)} == {"unknown_stream"}
    assert len(rest) == MAX_WAITING - 1


async def test_a_stream_that_is_far_behind_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "EDITED_S", 0.01)
    line = Line()
    with pytest.raises(ProblemError) as caught:
        await LineEdits(line.put).ask("space")
    assert (caught.value.status, caught.value.code) == (504, "no_answer")
    line.waiting[0](TEXT)  # its turn comes, and nobody listens any longer
