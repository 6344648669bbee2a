"""A command to a glove at its own port, and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from firmware_bridge.codec.commands import LABELS, show
from firmware_bridge.codec.events import Remark
from firmware_bridge.link.errors import LinkError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.state import LinkState, LinkStatus
from firmware_bridge.uplink.glove_labels import BEFORE_VOCABULARIES, GloveLabels
from scaleglove.vocabulary import load_vocabulary

_STREAMING_S: Final = 25.0
"""The longest time to the first frames: opening restarts many boards, and some calibrate for 15 s."""

_ANSWER_S: Final = 2.0

_Answer = TypeVar("_Answer")


async def tell_glove(port: str, line: str) -> str:
    """Send one command line to the glove at `port`; return the words of its answer.

    Raises:
        PortNameError: `port` names no port on any machine.
        LinkError: no glove streams there, or it does not answer within 2 s, or refuses.
    """
    async with _streaming_glove(port) as ask:
        return _obeyed(port, line, await ask(line))


async def show_on_glove(port: str, label: str) -> str:
    """Let the hand of the emulated glove at `port` hold a label; return the words of its answer.

    Raises:
        PortNameError: `port` names no port on any machine.
        CommandError: the hand does not know the label.
        LinkError: as `tell_glove`.
    """
    async with _streaming_glove(port) as ask:
        labels = GloveLabels()
        labels.asked()
        labels.take([await ask(LABELS)])
        line = show(label, labels.hand or load_vocabulary(BEFORE_VOCABULARIES).names)
        return _obeyed(port, line, await ask(line))


def _obeyed(port: str, line: str, answer: Remark) -> str:
    if answer.error is not None:
        raise LinkError(f"the glove at {port} refused {line!r}: {answer.text}")
    return answer.text


@asynccontextmanager
async def _streaming_glove(port: str) -> AsyncIterator[Callable[[str], Awaitable[Remark]]]:
    """Open the glove at `port`, and give a function that sends it a line and returns its answer."""
    trouble: asyncio.Future[LinkStatus] = asyncio.get_running_loop().create_future()

    def watch(status: LinkStatus) -> None:
        if (status.state is LinkState.LOST or status.retry_s is not None) and not trouble.done():
            trouble.set_result(status)

    async with GloveLink(port, watch) as link:
        # Remarks before the first frames, such as the greeting, are no answer.
        await _unless_lost(_streaming(link), trouble, _STREAMING_S, f"no glove streams at {port}")

        async def ask(line: str) -> Remark:
            await link.command(line)
            silence = f"the glove at {port} does not answer {line!r}"
            return await _unless_lost(_remark(link), trouble, _ANSWER_S, silence)

        yield ask


async def _streaming(link: GloveLink) -> None:
    while link.status.state is not LinkState.STREAMING:
        await link.read()


async def _remark(link: GloveLink) -> Remark:
    while True:
        for event in await link.read():
            if isinstance(event, Remark):
                return event


async def _unless_lost(
    work: Awaitable[_Answer], trouble: asyncio.Future[LinkStatus], timeout_s: float, silence: str
) -> _Answer:
    """Return the result of `work`, unless the link has `trouble` before it or `timeout_s` pass."""
    task = asyncio.ensure_future(work)
    waited_for: list[asyncio.Future[Any]] = [task, trouble]
    await asyncio.wait(waited_for, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.wait({task})
    if trouble.done():
        raise LinkError(trouble.result().detail)
    raise LinkError(f"{silence} within {timeout_s:g} s")
