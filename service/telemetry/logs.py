"""Log on stderr, as text or as one JSON object per line, and the logger of a stream, with its name in every record."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final, Literal

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

LogFormat = Literal["text", "json"]

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_to_stderr(level: str, log_format: LogFormat, worker: int | None = None) -> None:
    """Write the log records of this process, including uvicorn's, to stderr; `worker` is its number among several."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json_formatter(worker) if log_format == "json" else _TextFormatter(worker))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # At lower levels uvicorn logs the URL with its query, every header and every frame of a WebSocket.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def stream_logger(name: str, stream: str) -> logging.LoggerAdapter[logging.Logger]:
    """Return the logger `name` for records about a stream."""
    return _StreamLogger(logging.getLogger(name), {"stream": stream})


class _StreamLogger(logging.LoggerAdapter[logging.Logger]):
    """Adapter that, unlike its base, keeps the `extra` of a call."""

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:
        return msg, {**kwargs, "extra": {**(self.extra or {}), **(kwargs.get("extra") or {})}}


class _TextFormatter(logging.Formatter):
    def __init__(self, worker: int | None) -> None:
        super().__init__(_TEXT if worker is None else f"worker {worker} {_TEXT}")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        text = super().formatMessage(record)
        stream = getattr(record, "stream", None)
        return text if stream is None else f"{text} [stream {stream}]"


def _json_formatter(worker: int | None) -> logging.Formatter:
    return OrjsonFormatter(
        ["levelname", "name", "message"],
        rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
        static_fields={} if worker is None else {"worker": worker},
        reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # uvicorn's message once more, for terminals
        timestamp=True,
    )
