"""A glove that streams what its hand shows, for the wizards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import numpy as np

from scaleglove.client import StreamConnection
from scaleglove.letter_templates import load_templates, resting_shape
from scaleglove.resampling import wrap_degrees
from tests.deadlines import EVENT_S, wait_until

MOVING = "moving"
"""A hand that turns by a degree with each frame, so that any window shows the movement."""

WINDOW_FRAMES = 120
"""More than the model's window, so that nothing of what the hand held before is in it."""


OFFSET = (8.0, -6.0, 10.0, -8.0, 6.0, 5.0, -5.0, 20.0)
"""Each person holds letters a little differently from the table."""


class Glove:
    """Streams a hand, five times as fast as it lives, that differs from the table by `offset`."""

    def __init__(
        self, url: str, name: str | None = None, wearer: str | None = None, offset: Sequence[float] = OFFSET
    ) -> None:
        self._url = url
        self._name = name
        self._wearer = wearer
        self._table = load_templates()
        self._rng = np.random.default_rng(0)
        self._offset = np.array(offset, np.float32)
        self.label = "rest"
        self._moved_deg = 0.0
        self._over = threading.Event()

    @contextmanager
    def streaming(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: asyncio.run(self._stream()))
        thread.start()
        try:
            wait_for_stream(self._url)
            yield
        finally:
            self._over.set()
            thread.join(EVENT_S)

    async def _stream(self) -> None:
        named = {"glove": self._name, "wearer": self._wearer}
        async with StreamConnection(self._url, sample_rate_hz=50, **named) as stream:
            frame = 0
            while not self._over.is_set():
                await stream.send([20 * (frame + place) for place in range(5)], [self._reading() for _ in range(5)])
                frame += 5
                await asyncio.sleep(0.02)

    def _reading(self) -> list[float]:
        if self.label == MOVING:
            self._moved_deg += 1.0
            shape = resting_shape(self._table) + np.array([0] * 6 + [self._moved_deg, 0], np.float32)
            shape[6] = wrap_degrees(shape[6])
        else:
            shape = resting_shape(self._table) if self.label == "rest" else self._table.letters[self.label].mean
        noise = self._rng.normal(0, [2] * 5 + [0.05] * 3)
        return [float(value) for value in np.asarray(shape) + self._offset + noise]


def wait_for_stream(url: str) -> None:
    wait_until(lambda: httpx.get(f"{url}/v1/streams").json()["streams"])


def hold(url: str, frames: int = WINDOW_FRAMES) -> None:
    """Wait until the service has taken this many frames more of its only stream."""
    end = taken(url) + frames
    wait_until(lambda: taken(url) >= end)


def taken(url: str) -> int:
    (stream,) = httpx.get(f"{url}/v1/streams").json()["streams"]
    return int(stream["frames"])
