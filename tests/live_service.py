"""A real service on a real port, in a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from service.server import Server
from service.settings import Settings


@contextmanager
def live_service(**settings: Any) -> Iterator[Server]:
    """A service with these settings, on any free port if none is given; it stops at the end, or the test fails."""
    answers = threading.Event()
    server = Server(Settings(_env_file=None, **{"port": 0} | settings), lambda _: answers.set())
    thread = threading.Thread(target=server.serve_until_stopped)
    thread.start()
    try:
        assert answers.wait(30), "the service did not come up"
        yield server
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the service did not stop"
