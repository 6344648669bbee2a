"""A service for the fuzzers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.live_service import live_service


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Yield the address of a service with a database of its own."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    with live_service(database_url=f"sqlite:///{folder}/wearers.db") as server:
        parts = urlsplit(server.url)
        yield parts.hostname or "127.0.0.1", parts.port or 0
