"""The whole pipeline as a user starts it: service, emulated glove and bridge, each in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Collection, Iterator
from typing import Final

from scaleglove.child_processes import read_first_line, run_child
from scaleglove.client.proxies import open_url
from scaleglove.errors import ScaleGloveError

START_S: Final = 30.0
"""A stream that has not appeared by then never will."""

_POLL_S: Final = 0.05


class SilentError(ScaleGloveError):
    """A stream or its frames that never appeared at the service."""


@contextlib.contextmanager
def running_pipeline(*emulate: str, bridge: Collection[str] = ()) -> Iterator[str]:
    """Run the three processes and yield the service's address.

    Args:
        emulate: options of `scaleglove emulate`.
        bridge: further options of `scaleglove bridge`.

    Raises:
        StartError: one of them did not start.
    """
    quiet = subprocess.DEVNULL
    with contextlib.ExitStack() as parts:
        service = parts.enter_context(run_child("scaleglove", "serve", "--port", "0", "--log-level", "warning"))
        url = read_first_line(service, "service").rpartition(" ")[2]
        glove = parts.enter_context(run_child("scaleglove", "emulate", *emulate))
        port = read_first_line(glove, "emulated glove")
        parts.enter_context(
            run_child("scaleglove", "bridge", "--port", port, "--url", url, *bridge, stdout=quiet, stderr=quiet)
        )
        yield url


async def new_stream(url: str, known: Collection[str] = ()) -> str:
    """Return the id of the first stream of the service that is not among the `known` ones, once there is one.

    Raises:
        SilentError: none was opened within START_S.
    """
    try:
        async with asyncio.timeout(START_S):
            while not (new := set(await open_streams(url)).difference(known)):  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise SilentError(f"no new stream was opened at the service within {START_S:g} s") from None
    return new.pop()


async def open_streams(url: str) -> list[str]:
    """Return the ids of the service's streams."""
    return await asyncio.to_thread(_open_streams, url)


def _open_streams(url: str) -> list[str]:
    with open_url(f"{url}/v1/streams", START_S) as answer:
        return [stream["stream"] for stream in json.load(answer)["streams"]]
