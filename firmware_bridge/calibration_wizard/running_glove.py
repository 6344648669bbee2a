"""The glove of a wizard: a stream of a running bridge, or a bridge of the wizard's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import typer

from firmware_bridge.calibration_wizard.bridge_process import BridgeProcess, bridge_process
from scaleglove.client import StreamError, command, find_stream


@dataclass(frozen=True, slots=True)
class RunningGlove:
    """The glove that streams to the service at `url`: by the wizard's own `bridge`, or as the stream `name`; None: the
    only stream that there is."""

    url: str
    token: str | None
    name: str | None
    bridge: BridgeProcess | None

    def stream(self) -> str:
        """Return the name of the present stream: a bridge that reconnects opens another one.

        Raises:
            StreamError: there is none, or there are several.
        """
        return find_stream(self.url, self.token, self.name).stream if self.bridge is None else self.bridge.stream()

    def running(self) -> str | None:
        """Return the name of the present stream; None: there is none now."""
        with suppress(StreamError):
            return find_stream(self.url, self.token, self.stream()).stream
        return None

    def show(self, label: str | None) -> None:
        """Let an emulated hand show a label; None: go on as before. A user's hand reads the prompt."""
        with suppress(StreamError):  # the user sees whether the hand shows it
            found = find_stream(self.url, self.token, self.stream())
            if "show" in found.commands:
                command(self.url, "show", letter=label, stream=found.stream, token=self.token)

    def profiled(self) -> str | None:
        """Return the name of the glove whose profile the stream uses; None: it uses none."""
        with suppress(StreamError):  # the examples do not need the stream any more
            found = find_stream(self.url, self.token, self.stream())
            return None if found.glove_profile is None else found.glove
        return None


@contextmanager
def running_glove(
    url: str, token: str | None, stream: str | None, port: str | None, token_file: Path | None
) -> Iterator[RunningGlove]:
    """Run a bridge of the wizard's own where a `port` is given, else use a stream that there is.

    Raises:
        BadParameter: both are given.
        StreamError: there is no stream.
    """
    if port is not None and stream is not None:
        raise typer.BadParameter(
            "use either --port or --stream; --stream names the stream of a running bridge", param_hint="--port"
        )
    with bridge_process(port, url, str(token_file) if token_file else None) if port else nullcontext() as bridge:
        glove = RunningGlove(url, token, stream, bridge)
        glove.stream()  # fails before anything is made, if there is no stream
        yield glove
