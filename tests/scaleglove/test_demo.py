"""What the demo refuses before it starts anything."""

from __future__ import annotations

import socket

import pytest

from scaleglove.child_processes import StartError
from scaleglove.demo import run


def test_a_taken_port_is_said_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        way_out = rf"another program uses port {port}.*make demo PORT=\d+, or scaleglove demo --port \d+"
        with pytest.raises(StartError, match=way_out):
            run("127.0.0.1", port, None, "korean", None)
