"""Running streams of the service: the choice of one, by its glove's name, its own name, or because it is the only one,
and commands to its glove."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import orjson
from pydantic import BaseModel, ValidationError

from scaleglove.client.http import request
from scaleglove.client.websocket import StreamError
from scaleglove.protocol import CommandName


class _Link(BaseModel):
    port: str | None = None


class StreamEntry(BaseModel):
    """Running stream of a glove. `glove`, the version `glove_profile` of its profile and `usb` are None where they are
    unknown, as at a service before 0.2."""

    stream: str
    glove: str | None = None
    glove_profile: int | None = None
    usb: str | None = None
    copy_of: str | None = None
    commands: tuple[str, ...] = ()
    link: _Link | None = None

    def __str__(self) -> str:
        """Return the glove's name, or else its port, and the stream's name."""
        name = self.glove or (None if self.link is None else self.link.port)
        return self.stream if name is None else f"{name} ({self.stream})"


class _Streams(BaseModel):
    streams: list[StreamEntry]


def running_streams(url: str, token: str | None = None) -> list[StreamEntry]:
    """Return all streams that run.

    Raises:
        StreamError: the service cannot be reached or refuses.
    """
    answer = request(url, "/v1/streams", token)
    try:
        return _Streams.model_validate_json(answer).streams
    except ValidationError:
        raise StreamError("bad_message", f"{url} has no list of streams: not a service of scaleglove") from None


def find_stream(url: str, token: str | None, wanted: str | None = None) -> StreamEntry:
    """Return the stream of a glove, by the name of either; `wanted` None: the service's one stream.

    Raises:
        StreamError: the service cannot be reached or refuses; or `unknown_stream`: there is no such stream, or several.
    """
    return choose(running_streams(url, token), wanted, url)


def choose(streams: Sequence[StreamEntry], wanted: str | None, url: str) -> StreamEntry:
    """Return the one of these streams that is wanted, as `find_stream` does. Pure; `url` is for the error."""
    gloves = [stream for stream in streams if stream.copy_of is None]
    by_name = [stream for stream in streams if stream.stream == wanted]
    found = by_name or [stream for stream in gloves if wanted is None or stream.glove == wanted]
    if len(found) == 1:
        return found[0]
    if wanted is None and not gloves:
        raise StreamError("unknown_stream", f"no glove streams to {url}: start the bridge first")
    listed = ", ".join(map(str, found or gloves)) or "none, start the bridge first"
    if not found:
        raise StreamError("unknown_stream", f"no stream or glove at {url} is called {wanted!r}; there are: {listed}")
    which = "several gloves stream" if wanted is None else f"several streams of the glove {wanted!r} run"
    raise StreamError("unknown_stream", f"{which} to {url}: name one with --stream: {listed}")


def command(  # noqa: PLR0913 - the fields of the request, by name
    url: str,
    name: CommandName,
    interval_ms: float | None = None,
    *,
    letter: str | None = None,
    stream: str | None = None,
    token: str | None = None,
) -> str:
    """Send a command to the glove of a stream, which `find_stream` finds; return the stream's name.

    A bridge holds the glove's port, and the service passes commands on to it. Returns when the command is written to
    the port. `interval_ms` is only valid with `interval`, `letter` with `show`. `token` is as for StreamConnection.

    Raises:
        StreamError: the service cannot be reached or refuses; or as `find_stream`.
    """
    found = find_stream(url, token, stream).stream
    fields = {"command": name, "interval_ms": interval_ms, "letter": letter}
    given = {field: value for field, value in fields.items() if value is not None}
    request(url, f"/v1/streams/{quote(found, safe='')}/commands", token, orjson.dumps(given))
    return found
