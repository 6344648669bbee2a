"""Service on a real port, and gloves to connect to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.letter_templates import load_templates
from service.inference.reload import Reload
from service.settings import Settings
from service.streams.hub import Hub
from tests.deadlines import EVENT_S
from tests.live_service import live_service
from tests.service.declared_statuses import undeclared_problems


@dataclass
class Service:
    url: str
    hub: Hub
    settings: Settings
    reload: Reload

    @contextmanager
    def socket(self, path: str = "/v1/stream", **options: Any) -> Iterator[ClientConnection]:
        options.setdefault("subprotocols", ["scaleglove.v1"])
        options.setdefault("open_timeout", EVENT_S)
        with connect(self.url.replace("http", "ws") + path, **options) as socket:
            yield socket

    @contextmanager
    def stream(self, **start: Any) -> Iterator[tuple[ClientConnection, dict[str, Any]]]:
        """Start a stream, and yield its socket and its `started` message."""
        with self.socket() as socket:
            socket.send(json.dumps(start_message(**start)))
            yield socket, json.loads(socket.recv(timeout=EVENT_S))


def start_message(**changes: Any) -> dict[str, Any]:
    return {"type": "start", "channels": list(CHANNELS), "sample_rate_hz": 50, **changes}


@contextmanager
def running(**settings: Any) -> Iterator[Service]:
    with live_service(**settings) as server:
        state = server.config.app.state.service
        yield Service(server.url, state.hub, Settings(_env_file=None, port=0, **settings), state.reload)


@pytest.fixture(scope="module", autouse=True)
def _every_status_is_declared() -> Iterator[None]:
    """Fail the module in which a route has answered with a status that the OpenAPI document does not declare for it."""
    with undeclared_problems() as found:
        yield
    assert not found


@pytest.fixture
def start_service() -> Iterator[Callable[..., Any]]:
    """Return a function that starts a service with the given settings."""

    def start(**settings: Any) -> Any:
        return running(**settings)

    return start


@pytest.fixture(scope="session")
def service(artefact_path: Path) -> Iterator[Service]:
    """Service shared by all tests without special settings: it must survive every invalid input."""
    with running(models_dir=artefact_path.parent) as service:
        yield service


@pytest.fixture(scope="session")
def artefact(artefact_path: Path) -> Artefact:
    return Artefact.load(artefact_path)


@pytest.fixture(scope="session")
def started() -> Callable[..., dict[str, Any]]:
    return start_message


@pytest.fixture(scope="session")
def glove() -> Callable[..., np.ndarray]:
    """Return a function that draws float32[frames, 8] of a hand that holds a letter and drifts slightly.

    Each seed gives another letter and drift.
    """
    shapes = [figures.mean for figures in load_templates().letters.values()]

    def draw(frames: int, seed: int = 0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        shape = shapes[seed % len(shapes)] + rng.normal(0, 0.5, 8)
        walk = rng.normal(0, [0.2] * 5 + [0.02] * 3, (frames, 8)).cumsum(axis=0)
        return (shape + walk).astype(np.float32)

    return draw
