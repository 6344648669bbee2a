"""The commands as the processes that a user starts, each stopped at the end by its own id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.deadlines import EVENT_S, wait_until
from tests.live_service import few_models
from tests.processes import Command


@dataclass
class Part:
    """One `scaleglove` process."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        """Return its next line on stdout."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def lines(self) -> Iterator[str]:
        assert self.process.stdout is not None
        return (line.strip() for line in self.process.stdout)

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield what it prints with `--json`."""
        return (json.loads(line) for line in self.lines())

    def stop(self, by: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop it, and return its exit status and what it wrote on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        _, errors = self.process.communicate(timeout=EVENT_S)
        return self.process.returncode, errors


@contextmanager
def commands(settings: Mapping[str, str] | None = None) -> Iterator[Callable[..., Part]]:
    """Yield a function that starts a command, which ends with the block: `start("serve", "--port", "0")`.

    `settings` are the service's in the environment, in place of all that are set there.
    """
    parts: list[Part] = []

    def run(*arguments: str) -> Part:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SCALEGLOVE_")}
        environment |= settings or {}
        process = Command(
            *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True
        )
        parts.append(Part(process))
        return parts[-1]

    try:
        yield run
    finally:
        for part in reversed(parts):
            if part.process.poll() is None:
                part.process.kill()
            part.process.communicate(timeout=EVENT_S)


@pytest.fixture
def start() -> Iterator[Callable[..., Part]]:
    """Yield a function that starts a command, which ends with the test: `start("serve", "--port", "0")`."""
    with commands() as start:
        yield start


@pytest.fixture(scope="module")
def service_of_module() -> Iterator[str]:
    """Yield the address of the service that the tests of a module share."""
    with commands() as start:
        # Nobody reads its log.
        options = ("--port", "0", "--models-dir", str(few_models()), "--log-level", "warning")
        yield start("serve", *options).line().rpartition(" ")[2]


@pytest.fixture
def service_url(service_of_module: str) -> str:
    """Return the address of the shared service once the streams of earlier tests have ended."""
    wait_until(lambda: not httpx.get(f"{service_of_module}/v1/streams").json()["streams"])
    return service_of_module
