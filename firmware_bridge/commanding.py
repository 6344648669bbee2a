"""A command to a glove at its own port, and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from firmware_bridge.codec.events import Remark
from firmware_bridge.link.errors import LinkError
from firmware_bridge.link.link import GloveLink
from firmware_bridge.link.state import LinkState, LinkStatus

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
    trouble: asyncio.Future[LinkStatus] = asyncio.get_running_loop().create_future()

    def watch(status: LinkStatus) -> None:
        if (status.state is LinkState.LOST or status.retry_s is not None) and not trouble.done():
            trouble.set_result(status)

    async with GloveLink(port, watch) as link:
        # Remarks before the first frames, such as the greeting, are no answer.
        await _unless_lost(_streaming(link), trouble, _STREAMING_S, f"no glove streams at {port}")
        await link.command(line)
        answer = await _unless_lost(_remark(link), trouble, _ANSWER_S, f"the glove at {port} does not answer {line!r}")
    if answer.error is not None:
        raise LinkError(f"the glove at {port} refused {line!r}: {answer.text}")
    return answer.text


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
