"""A minimal server: WebSockets by `picows`, a ring buffer, and the model as the service computes it.

    python -m benchmarks.serve.peers.picows_service MODEL.onnx

What remains of a glove's cost when every rule and all letters are left out. Binary frames alone; nothing is checked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import uvloop
from numpy.typing import NDArray
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

from benchmarks.serve.load.messages import FRAME_MS
from benchmarks.serve.peers.frame_header import FRAME_FLOATS, HEADER, due
from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact, Outputs
from models.runtime.contract import ModelContract
from scaleglove.channels import CHANNELS

_ROOM: Final = 4096
"""Frames of the buffer; when it is full, the newest window is moved to its front."""


class Stream(WSListener):
    """One glove's newest frames, answered at every hop."""

    def __init__(self, run: Callable[[Sequence[NDArray[np.float32]]], Outputs], contract: ModelContract) -> None:
        self._run = run
        self._labels = contract.labels
        self._window = contract.window_frames
        self._frames: NDArray[np.float32] = np.zeros((_ROOM, len(CHANNELS)), np.float32)
        self._end = 0
        self._hop = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a message: the start, or frames."""
        if frame.msg_type == WSMsgType.BINARY:
            self._take(transport, frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.TEXT:
            start = orjson.loads(frame.get_payload_as_bytes())
            self._hop = max(1, int(start["hop_ms"] / FRAME_MS))
            transport.send(WSMsgType.TEXT, b'{"type":"started"}')
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()

    def _take(self, transport: WSTransport, data: bytes) -> None:
        _, _, count, first = HEADER.unpack_from(data)
        if self._end + count > _ROOM:
            kept = self._frames[self._end - self._window : self._end].copy()
            self._frames[: self._window] = kept
            self._end = self._window
        words = np.frombuffer(data, np.float32, count * FRAME_FLOATS, HEADER.size).reshape(count, FRAME_FLOATS)
        self._frames[self._end : self._end + count] = words[:, 1:]
        self._end += count
        if (newest := due(first, count, self._hop)) is not None:
            transport.send(WSMsgType.TEXT, self._prediction(newest))

    def _prediction(self, seq: int) -> bytes:
        outputs = self._run([self._frames[max(0, self._end - self._window) : self._end]])
        probabilities, shares = outputs.probabilities[0], outputs.scale_importance[0]
        best = int(probabilities.argmax())
        return orjson.dumps(
            {
                "type": "prediction",
                "seq": seq,
                "label": self._labels[best],
                "confidence": float(probabilities[best]),
                "scale_importance": shares.tolist(),
            }
        )


async def serve(artefact: Path) -> None:
    """Serve a model until the process is ended, with the kernel where it is compiled."""
    model = accelerate(Artefact.load(artefact), "auto")

    def listener(_: WSUpgradeRequest) -> WSListener:
        return Stream(model.run_windows, model.contract)

    server = await ws_create_server(listener, "127.0.0.1", 0)
    print(f"picows on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1])))
