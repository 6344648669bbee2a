"""Plain service for comparison: FastAPI and ONNX Runtime as their tutorials show them.

    python -m benchmarks.serve.peers.plain_service MODEL.onnx [THREADS]

Pydantic lists, a plain `def`, one run per request; a WebSocket that keeps the newest frames and answers every hop. It
does no resampling, gap handling or decoding of letters, and shares no code with `service/`. The session is as it comes,
with a thread on each core, or has the given number of threads.
"""

from __future__ import annotations

import socket
import sys
from collections import deque
from typing import Any

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

WINDOW_FRAMES = 87
FRAME_MS = 10
"""The gloves of the load send at 100 Hz."""


class Windows(BaseModel):
    windows: list[list[list[float]]]


def create_app(model: str, threads: int = 0) -> FastAPI:
    """Return the service of a model; 0 threads: as ONNX Runtime chooses."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options)
    app = FastAPI()

    @app.post("/v1/predict")
    def predict(request: Windows) -> dict[str, Any]:
        frames = np.array(request.windows, dtype=np.float32)
        return {"predictions": _run(session, frames)}

    @app.websocket("/v1/stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        start = await socket.receive_json()
        hop = max(1, int(start["hop_ms"] / FRAME_MS))
        await socket.send_json({"type": "started"})
        window: deque[list[float]] = deque(maxlen=WINDOW_FRAMES)
        try:
            while True:
                message = await socket.receive_json()
                for offset, frame in enumerate(message["values"]):
                    window.append(frame)
                    seq = message["seq"] + offset
                    if (seq + 1) % hop == 0:
                        answer = _run(session, np.array([window], dtype=np.float32))[0]
                        await socket.send_json({"type": "prediction", "seq": seq, **answer})
        except WebSocketDisconnect:
            pass

    return app


def _run(session: onnxruntime.InferenceSession, frames: np.ndarray) -> list[dict[str, Any]]:
    lengths = np.full(len(frames), frames.shape[1], dtype=np.int64)
    probabilities, importance, _ = session.run(None, {"frames": frames, "lengths": lengths})
    return [
        {"label": int(row.argmax()), "confidence": float(row.max()), "scale_importance": shares.tolist()}
        for row, shares in zip(probabilities, importance, strict=True)
    ]


def main() -> None:
    app = create_app(sys.argv[1], *map(int, sys.argv[2:]))
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"plain service on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    sys.stdout = sys.stderr  # the access log: stdout is not read after the address, and a full pipe would block
    uvicorn.Server(uvicorn.Config(app)).run([listening])


if __name__ == "__main__":
    main()
