"""Wearers with different hands, and a service with a separate database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from scaleglove.letters import LETTERS
from service.wearers.database import Database
from service.wearers.records import Example
from tests.deadlines import EVENT_S
from tests.service.conftest import Service, running

Show = Callable[..., np.ndarray]


@pytest.fixture(scope="session")
def show() -> Show:
    """Return a function that draws float32[60, 8] of a hand that holds a letter, slightly different for each take."""

    def draw(letter: str, take: int = 0, frames: int = 60) -> np.ndarray:
        index = LETTERS.index(letter) if letter in LETTERS else len(LETTERS)
        shape = np.random.default_rng(index).uniform([400] * 5 + [-90] * 3, [950] * 5 + [90] * 3)
        noise = np.random.default_rng([index, take]).normal(0, [4] * 5 + [1] * 3, (frames, 8))
        return (shape + noise).astype(np.float32)

    return draw


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/wearers.db")
    yield database
    database.close()


@pytest.fixture
def example(show: Show) -> Callable[..., Example]:
    def make(label: str = "ㄱ", take: int = 0) -> Example:
        return Example(label, show(label, take), 50.0, "posted")

    return make


class Wearers:
    """Client of `/v1/wearers` of a service."""

    def __init__(self, service: Service, show: Show) -> None:
        self.service = service
        self.url = f"{service.url}/v1/wearers"
        contract = service.reload._registry.get().contract
        self.model, self.window_frames = contract.name, contract.window_frames
        self._show = show

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return httpx.post(self.url + path, json=body, timeout=EVENT_S)

    def get(self, path: str = "") -> Any:
        response = httpx.get(self.url + path, timeout=EVENT_S)
        assert response.status_code == 200, response.text
        return response.json()

    def create(self, name: str, letters: str = "", takes: int = 2) -> None:
        """Add a wearer with examples of some letters."""
        assert self.post("", {"wearer": name}).status_code == 201
        for letter in letters:
            for take in range(takes):
                assert self.add(name, letter, take).status_code == 201

    def add(self, name: str, label: str, take: int = 0) -> httpx.Response:
        frames = self._show(label, take).tolist()
        return self.post(f"/{name}/examples", {"label": label, "frames": frames})


@pytest.fixture(scope="module")
def wearers_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a database for the wearers of a module."""
    return f"sqlite:///{tmp_path_factory.mktemp('wearers')}/wearers.db"


@pytest.fixture(scope="module")
def wearers_service(wearers_database: str) -> Iterator[Service]:
    """Run a service whose wearers are those of a module."""
    with running(database_url=wearers_database) as service:
        yield service


@pytest.fixture
def wearers(wearers_service: Service, show: Show) -> Wearers:
    """Return the API of a service without the wearers of earlier tests."""
    forget_all(wearers_service)
    return Wearers(wearers_service, show)


def forget_all(service: Service) -> None:
    """Delete the wearers and gloves that earlier tests have left in a service that they share."""
    for kind in ("wearer", "glove"):
        url = f"{service.url}/v1/{kind}s"
        for each in httpx.get(url, timeout=EVENT_S).json()[f"{kind}s"]:
            httpx.delete(f"{url}/{each[kind]}", timeout=EVENT_S).raise_for_status()


def refusal(response: httpx.Response) -> tuple[int, str, str | None]:
    """Return the status, the code and the field of a problem, which must have a detail."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert body["detail"]
    return response.status_code, body["code"], body.get("field")
