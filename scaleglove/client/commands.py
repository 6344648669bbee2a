"""Telling a glove something through the service: its port is the bridge's, and the service passes commands on."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from scaleglove.client.http import ask, only_stream
from scaleglove.protocol import CommandName


def command(
    url: str,
    name: CommandName,
    interval_ms: float | None = None,
    *,
    stream: str | None = None,
    token: str | None = None,
) -> str:
    """Command the glove behind `stream` of the service at `url`, or behind its only stream; gives the stream's name.

    `interval_ms` goes with `interval`. `token` is as for StreamConnection. Returns when the command is written to
    the port.

    Raises:
        StreamError: the service cannot be reached or refuses; or there is not one stream alone, and none was named.
    """
    stream = stream or only_stream(url, token)
    told = {"command": name} if interval_ms is None else {"command": name, "interval_ms": interval_ms}
    ask(url, f"/v1/streams/{quote(stream, safe='')}/commands", token, orjson.dumps(told))
    return stream
