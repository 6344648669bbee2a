from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest

from service.telemetry.logs import LogFormat, log_to_stderr, stream_logger


def begin(monkeypatch: pytest.MonkeyPatch, log_format: LogFormat, worker: int | None = None) -> None:
    """Log from a separate process, where pytest has not configured logging."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    log_to_stderr("info", log_format, worker)


def test_json_is_an_object_a_line_with_the_stream(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(monkeypatch, "json", worker=1)
    stream_logger("service.x", "0-abc").info("opened\nby %s", "a glove", extra={"frames": 3})
    logging.getLogger("uvicorn.error").error("uvicorn's", extra={"color_message": "\033[31muvicorn's"})
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("service.y").exception("broken")
    logging.getLogger("service.y").debug("too small")
    first, second, third = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert datetime.fromisoformat(first.pop("timestamp")).tzinfo is not None
    assert first == {
        **{"level": "INFO", "logger": "service.x", "message": "opened\nby a glove"},
        **{"worker": 1, "stream": "0-abc", "frames": 3},
    }
    assert set(second) == {"timestamp", "level", "logger", "message", "worker"}
    assert "ValueError: why" in third["exception"]


def test_text_names_the_stream(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    begin(monkeypatch, "text")
    stream_logger("service.x", "abc").warning("late")
    logging.getLogger("service.x").warning("other")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith(" WARNING service.x: late [stream abc]")
    assert second.endswith(" WARNING service.x: other")
