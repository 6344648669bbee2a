"""The log on stderr, as text or as a JSON object a line, and the logger of a stream: its name is in every record."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final, Literal

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

LogFormat = Literal["text", "json"]

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_to_stderr(level: str, log_format: LogFormat, worker: int | None = None) -> None:
    """Write the records of this process, uvicorn's among them, to stderr; `worker` says which of several it is."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json_formatter(worker) if log_format == "json" else _TextFormatter(worker))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # Below this uvicorn writes down the address with its query, every header and every frame of a socket.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


def stream_logger(name: str, stream: str) -> logging.LoggerAdapter[logging.Logger]:
    """The logger `name`, whose records say which stream they are about."""
    return _StreamLogger(logging.getLogger(name), {"stream": stream})


class _StreamLogger(logging.LoggerAdapter[logging.Logger]):
    """Unlike its base it keeps what a call adds in `extra`."""

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
        reserved_attrs=[*RESERVED_ATTRS, "color_message"],  # uvicorn's message again, for terminals
        timestamp=True,
    )
