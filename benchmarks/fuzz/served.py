"""What a running service takes: conversations of a stream, and requests to every route of its OpenAPI document.

Each case raises what is a fault of the service. A refusal is none, and 503 is the answer of one that is busy.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from websockets.frames import Frame, Opcode

from benchmarks.fuzz.mutation import ODD, text_of
from benchmarks.model.damaged_artefacts import damaged
from benchmarks.serve.load.messages import binary_message, readings
from benchmarks.serve.load.websocket import RefusedError, open_socket, split
from scaleglove.channels import CHANNELS
from scaleglove.client.proxies import open_url

Case = Callable[[random.Random], str]

_QUIET_S: Final = 2.0
"""Silence of a conversation that goes on, such as one within a message that never ends."""

_CHUNK: Final = 65536
_FAULTS: Final = frozenset({"internal_error", "going_away"})
_MOST_CONTROL: Final = 125
"""Bytes of a control frame, beyond which the library makes none."""

_CONTROL: Final = frozenset({Opcode.CLOSE, Opcode.PING, Opcode.PONG})
_BUSY: Final = 503
_SERVER_ERROR: Final = 500
_OPTIONS: Final = {"wearer": None, "text": {"space_s": 1.2, "words": True}, "decoder": {"hold_s": 0.24}, "glove": None}
_START: Final = {"type": "start", "channels": list(CHANNELS), "sample_rate_hz": 50.0, "hop_ms": 100.0, "top_k": 3}
_REPORT: Final = {"state": "streaming", "port": "/dev/ttyUSB0", "rate_hz": 50.0, "frames": 100, "missing": 0}
_FRAME: Final = [788.0, 780.0, 861.0, 862.0, 885.0, -17.9, -64.5, -62.0]
_MESSAGES: Final = (
    {"type": "frames", "seq": 0, "t_ms": [0, 20, 40], "values": [_FRAME] * 3},
    {"type": "edit", "action": "space"},
    {"type": "reset"},
    {"type": "link", **_REPORT, "repeated": 0, "damaged": 0, "restarts": 0, "unsent": 0, "detail": "", "code": None},
    {"type": "remark", "text": "interval_ms=20", "values": {"interval_ms": "20"}},
    {"type": "glove_letter", "t_ms": 20.0, "label": "ㄱ", "confidence": 0.9},
    {"type": "commanded", "id": 1, "refused": None},
    {"type": "stop"},
)


class Streams:
    """Conversations, of messages that are valid or nearly, whole frames or noise, before and after the start."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    def __call__(self, draw: random.Random) -> str:
        try:
            connection = open_socket(self._address, None)
        except RefusedError:
            return "not opened"
        with contextlib.closing(connection):
            connection.settimeout(_QUIET_S)
            try:
                for number in range(draw.randrange(1, 8)):
                    connection.sendall(_frame(draw, number))
                connection.sendall(Frame(Opcode.TEXT, b'{"type":"stop"}').serialize(mask=True))
            except OSError:
                pass  # closed already, with a reason that can still be read
            return _end_of(connection)


def _frame(draw: random.Random, number: int) -> bytes:
    """Return a message as bytes on the wire."""
    if draw.random() < 0.05:
        return draw.randbytes(draw.choice((2, 30, 500)))
    if number == 0 and draw.random() < 0.9:
        start = {name: value for name, value in _OPTIONS.items() if draw.random() < 0.3}
        payload, opcode = text_of(_START | start, draw), Opcode.TEXT
        if draw.random() < 0.6:
            payload = json.dumps(_START).encode()
    elif draw.random() < 0.4:
        first, frames = draw.choice((0, 3 * number, 10**6)), readings(draw.choice((1, 5, 200)))
        payload, opcode = binary_message(first, frames), Opcode.BINARY
        payload = damaged(payload, draw) if draw.random() < 0.5 else payload
    else:
        payload, opcode = text_of(draw.choice(_MESSAGES), draw), Opcode.TEXT
    if draw.random() < 0.05:
        opcode, payload = draw.choice(list(Opcode)), payload[:_MOST_CONTROL]
    return Frame(opcode, payload, fin=opcode in _CONTROL or draw.random() > 0.03).serialize(mask=draw.random() > 0.02)


def _end_of(connection: socket.socket) -> str:
    """Read what the service says until it closes; return how it ended."""
    received, ended = b"", "closed"
    with contextlib.suppress(ConnectionError):
        while True:
            try:
                piece = connection.recv(_CHUNK)
            except TimeoutError:
                return "waits"
            if not piece:
                return ended
            messages, received = split(received + piece)
            for opcode, payload in messages:
                if opcode == Opcode.CLOSE:
                    return ended
                if opcode == Opcode.TEXT and b'"type":"error"' in payload:
                    ended = str(json.loads(payload)["code"])
                    if ended in _FAULTS:
                        raise AssertionError(payload.decode()[:200])
                elif opcode == Opcode.TEXT and b'"type":"stopped"' in payload:
                    ended = "stopped"
    return ended


class Rest:
    """Requests to the operations of the OpenAPI document, with bodies of their examples, changed."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        with open_url(f"http://{address[0]}:{address[1]}/openapi.json", _QUIET_S) as answer:
            document = json.load(answer)
        self._operations = [
            (method.upper(), path, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        ]

    def __call__(self, draw: random.Random) -> str:
        method, path, operation = draw.choice(self._operations)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                name = draw.choice(("ada", "blue", "1", "MSCSGRU_ScaleAware_Encoded", _odd(draw)))
                path = path.replace(f"{{{parameter['name']}}}", quote(name, safe=""))
        wanted = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
        query = [
            f"{quote(name)}={quote(draw.choice(('1', 'ㄱ', 'ada', _odd(draw))))}"
            for name in wanted
            if draw.random() < 0.6
        ]
        target = f"{path}?{'&'.join(query)}" if query else path
        kind, body = _body(operation, draw)
        connection = http.client.HTTPConnection(*self._address, timeout=60)
        try:
            connection.request(method, target, body, {"Content-Type": kind} if body else {})
            status = connection.getresponse()
            answer = status.read()
        except (BrokenPipeError, ConnectionResetError):
            return "hung up"
        finally:
            connection.close()
        if status.status >= _SERVER_ERROR and status.status != _BUSY:
            raise AssertionError(f"{method} {target[:100]} -> {status.status} {answer[:200]!r}")
        return str(status.status)


def _odd(draw: random.Random) -> str:
    return str(draw.choice(ODD)).encode(errors="replace").decode()[:300]


def _body(operation: dict[str, Any], draw: random.Random) -> tuple[str, bytes]:
    contents = operation.get("requestBody", {}).get("content", {})
    if not contents:
        return "", b""
    kind = draw.choice(list(contents))
    content = contents[kind]
    examples = [each["value"] for each in content.get("examples", {}).values() if "value" in each]
    if "example" in content:
        examples.append(content["example"])
    example = draw.choice(examples) if examples else {}
    if not kind.endswith("json"):
        return kind, draw.randbytes(draw.choice((0, 5, 32 * 20, 5000)))
    return kind, text_of(example, draw)


SERVED: Final[dict[str, Callable[[tuple[str, int]], Case]]] = {"streams": Streams, "rest": Rest}
