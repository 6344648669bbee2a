"""The servers of one run: the service in its forms, what stands beside it, and which of them can run here."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.serve.peers.revision import Revision
from benchmarks.serve.server import Server, our_service, running
from models.runtime.contract import ModelContract
from scaleglove.native.library import OFF, SWITCH
from scaleglove.protocol import Candidate, Prediction, encode

PLAIN: Final = "plain FastAPI"
PLAIN_ONE: Final = "plain, one thread"
GRANIAN: Final = "plain on Granian"
PICOWS: Final = "picows and kernel"
ECHO: Final = "echo"
OURS: Final = "scaleglove"
ONNX: Final = "scaleglove, no kernel"
NO_C: Final = "scaleglove, no C"
REFERENCE: Final = "reference revision"

_PLAIN: Final = "benchmarks.serve.peers.plain_service"
_GRANIAN: Final = "benchmarks.serve.peers.granian_service"
_ECHO: Final = "benchmarks.serve.peers.echo_service"
_PICOWS: Final = "benchmarks.serve.peers.picows_service"

Start = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that can be started, and what it understands."""

    start: Start
    binary: bool
    """Whether it takes frames in binary messages."""
    text: bool
    """Whether it takes them as JSON."""


class Peers:
    """Servers by name, each started when it is first asked for and ended with the stack.

    Args:
        peers: the servers that can run here.
        stack: that ends them.
    """

    def __init__(self, peers: Mapping[str, Peer], stack: ExitStack) -> None:
        self._peers = peers
        self._stack = stack
        self._running: dict[str, Server] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._peers

    def __getitem__(self, name: str) -> Server:
        if name not in self._running:
            self._running[name] = self._stack.enter_context(self._peers[name].start())
            self._running[name].settle()
        return self._running[name]

    def fresh(self, name: str) -> AbstractContextManager[Server]:
        """Run one more of a server."""
        return self._peers[name].start()

    def of(self, *names: str) -> list[str]:
        """Return those of these names that can run here, all where none is given."""
        return [name for name in names or self._peers if name in self._peers]

    def takes(self, name: str, *, binary: bool) -> bool:
        """Return whether a server takes frames in this encoding."""
        peer = self._peers[name]
        return peer.binary if binary else peer.text


def peers(
    artefact: Path, contract: ModelContract, cores: frozenset[int], reference: Revision | None
) -> tuple[dict[str, Peer], list[str]]:
    """Return the servers that can run here, and a sentence on each that cannot."""
    model = contract.name
    path, size = str(artefact), str(_answer_bytes(contract))
    ours = partial(our_service, artefact, model, cores)
    onnx = {"SCALEGLOVE_ACCELERATOR": "onnx"}
    silent = subprocess.DEVNULL  # the plain service's access log, which is on by default
    found = {
        PLAIN: Peer(partial(running, PLAIN, cores, _PLAIN, path, stderr=silent), binary=False, text=True),
        PLAIN_ONE: Peer(partial(running, PLAIN_ONE, cores, _PLAIN, path, "1", stderr=silent), binary=False, text=True),
        GRANIAN: Peer(partial(running, GRANIAN, cores, _GRANIAN, path, "1"), binary=False, text=True),
        ECHO: Peer(partial(running, ECHO, cores, _ECHO, size), binary=True, text=False),
        PICOWS: Peer(partial(running, PICOWS, cores, _PICOWS, path), binary=True, text=False),
        OURS: Peer(ours, binary=True, text=True),
        ONNX: Peer(partial(ours, name=ONNX, environment=onnx), binary=True, text=False),
        NO_C: Peer(partial(ours, name=NO_C, environment=onnx | {SWITCH: OFF}), binary=True, text=False),
    }
    if reference:
        found[REFERENCE] = Peer(partial(reference.service, REFERENCE, model, cores), binary=True, text=True)
    notes = []
    for name, package in ((GRANIAN, "granian"), (PICOWS, "picows")):
        if find_spec(package) is None:
            del found[name]
            notes.append(f"{name}: not measured, {package} is not installed (the extra bench has it)")
    return found, notes


def _answer_bytes(contract: ModelContract) -> int:
    """Return the bytes of a prediction."""
    candidates = [Candidate(label, 0.12345678) for label in contract.labels[:3]]
    shares = {str(scale): 0.33333333 for scale in contract.scales}
    return len(encode(Prediction(12345, 123450.0, "ok", contract.labels[0], 0.12345678, candidates, shares)).encode())
