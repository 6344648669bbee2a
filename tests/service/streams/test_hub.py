from __future__ import annotations

import pytest

from scaleglove.protocol import WireError
from service.streams.hub import Hub
from service.telemetry.metrics import Metrics


class Connection:
    def __init__(self) -> None:
        self.notified = 0

    def go_away(self) -> None:
        self.notified += 1


def test_limit_of_streams() -> None:
    hub = Hub(2, Metrics())
    first, second, third = Connection(), Connection(), Connection()
    hub.join(first)
    hub.join(second)
    with pytest.raises(WireError, match="2 streams are open already"):
        hub.join(third)
    hub.leave(first)
    hub.join(third)
