"""Profile of the service's CPU time per message.

The pure parts are timed here, on the same messages; the model's time is a metric of the service; the total is the CPU
time of the process. The remainder is the socket and the event loop.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.serve.load.gloves import Gloves
from benchmarks.serve.load.messages import FRAME_MS, RATE_HZ, Rhythm, binary_message, readings, text_message
from benchmarks.serve.server import Server
from models.runtime.contract import ModelContract
from scaleglove.protocol import Candidate, Prediction, decode_binary, decode_text, encode
from service.streams.window import StreamWindow

_ROUNDS: Final = 7
_CALLS: Final = 200

MODEL_SECONDS: Final = "scaleglove_model_seconds_sum"
WINDOWS: Final = "scaleglove_windows_total"
QUEUE_SECONDS: Final = "scaleglove_queue_seconds_sum"


@dataclass(frozen=True, slots=True)
class Profile:
    """Microseconds of the server's CPU per message, by part, and the time that a window waited for the model."""

    title: str
    gloves: int
    messages: int
    cpu_us: float
    """The sum of all parts and of the rest."""
    parts_us: dict[str, float]
    queue_us: float | None
    """Wait of each prediction, which is no CPU time; None where the server has no such metric."""
    busy: float
    """Busy share of the server's core."""

    @property
    def rest_us(self) -> float:
        """Time of the socket, the event loop and the system, which is in none of the parts."""
        return self.cpu_us - sum(self.parts_us.values())

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "gloves": self.gloves,
            "messages": self.messages,
            "cpu_us": self.cpu_us,
            "parts_us": self.parts_us | {"socket and event loop": self.rest_us},
            "queue_us": self.queue_us,
            "busy": self.busy,
        }


def measure(
    server: Server, contract: ModelContract, count: int, rhythm: Rhythm, warm_up_s: float, seconds: float
) -> tuple[Profile, float | None]:
    """Profile `count` gloves for `seconds`; also return the model's seconds per prediction, None where unknown."""
    warm_up, counted = rhythm.messages_in(warm_up_s), rhythm.messages_in(seconds)
    with Gloves(server.address, count, rhythm, warm_up + counted, contract.name, gives_up=False) as gloves:
        gloves.run(warm_up)
        gloves.begin_to_count()
        before = _metrics(server)
        begin_s = server.cpu_s()
        gloves.run(counted)
        gloves.drain(seconds)
        cpu_s = server.cpu_s() - begin_s
        model_s, windows, queue_s = (_metrics(server) - before).tolist()
        tally = gloves.tally
    parts = pure_parts_us(contract, rhythm)
    parts["encode"] *= len(tally.delays_s) / tally.messages
    if not np.isnan(model_s):
        parts["model"] = model_s / tally.messages * 1e6
    profile = Profile(
        rhythm.title,
        count,
        tally.messages,
        cpu_s / tally.messages * 1e6,
        parts,
        None if np.isnan(queue_s) else queue_s / windows * 1e6,
        cpu_s / tally.seconds,
    )
    cost_s = model_s / windows
    return profile, None if np.isnan(cost_s) else cost_s


def _metrics(server: Server) -> NDArray[np.float64]:
    """Return model seconds, windows run and queue seconds so far; NaN for a metric that the server lacks."""
    figures = (server.metric(name, "stream") for name in (MODEL_SECONDS, WINDOWS, QUEUE_SECONDS))
    return np.array([np.nan if figure is None else figure for figure in figures])


def pure_parts_us(contract: ModelContract, rhythm: Rhythm) -> dict[str, float]:
    """Return microseconds of the service's pure functions: decode and window per message, encode per prediction."""
    step = rhythm.frames_per_message
    frames = readings(_CALLS * step)
    chunks = [(first, frames[first : first + step]) for first in range(0, len(frames), step)]
    packed = [binary_message(*chunk) for chunk in chunks]
    decoded = [decode_binary(data) for data in packed]
    if rhythm.binary:
        decode_s = _median_s(lambda: [decode_binary(data) for data in packed])
    else:
        texts = [text_message(*chunk).decode() for chunk in chunks]
        decode_s = _median_s(lambda: [decode_text(text) for text in texts])

    def push_all() -> None:
        window = StreamWindow(contract, float(RATE_HZ), float(rhythm.hop_frames * FRAME_MS))
        for message in decoded:
            for _ in window.push(message.seq, message.t_ms, message.values):
                pass

    prediction = _prediction(contract)
    encode_s = _median_s(lambda: [encode(prediction) for _ in range(_CALLS)])
    return {
        "decode": decode_s / _CALLS * 1e6,
        "window": _median_s(push_all) / _CALLS * 1e6,
        "encode": encode_s / _CALLS * 1e6,
    }


def _prediction(contract: ModelContract) -> Prediction:
    candidates = [Candidate(label, 0.1234567) for label in contract.labels[:3]]
    shares = {str(scale): 0.3333333 for scale in contract.scales}
    return Prediction(12345, 123450.0, "ok", contract.labels[0], 0.1234567, candidates, shares)


def _median_s(call: Callable[[], object]) -> float:
    """Return the median time of a few calls, after one that is not timed."""
    call()
    times = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)
