"""Where the time of a message goes in the service.

The pure parts are timed here, on the same messages; the model tells its own time in the metrics; the whole is the CPU
time of the process. What is left is the socket and the event loop.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Profile
from benchmarks.serve.frames import (
    FRAME_MS,
    RATE_HZ,
    Rhythm,
    binary_message,
    readings,
    text_message,
)
from benchmarks.serve.gloves import Gloves
from benchmarks.serve.server import Server
from models.runtime.contract import ModelContract
from scaleglove.protocol import (
    Candidate,
    Prediction,
    decode_binary,
    decode_text,
    encode,
)
from service.streams.window import StreamWindow

_ROUNDS: Final = 7
_CALLS: Final = 200

MODEL_SECONDS: Final = "scaleglove_model_seconds_sum"
WINDOWS: Final = "scaleglove_windows_total"
QUEUE_SECONDS: Final = "scaleglove_queue_seconds_sum"


def measure(
    server: Server, contract: ModelContract, count: int, rhythm: Rhythm, warm_up_s: float, seconds: float
) -> tuple[Profile, float | None]:
    """So many gloves for so long; also the model's seconds for each prediction, where the server tells them."""
    warm_up, counted = rhythm.messages_in(warm_up_s), rhythm.messages_in(seconds)
    with Gloves(server.address, count, rhythm, warm_up + counted, contract.name, gives_up=False) as gloves:
        gloves.run(warm_up)
        gloves.begin_to_count()
        told = _told(server)
        begin_s = server.cpu_s()
        gloves.run(counted)
        gloves.drain(seconds)
        cpu_s = server.cpu_s() - begin_s
        model_s, windows, queue_s = (_told(server) - told).tolist()
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


def _told(server: Server) -> NDArray[np.float64]:
    """Model seconds, windows run and queue seconds so far; NaN for what the server does not tell."""
    figures = (server.metric(name, interface="stream") for name in (MODEL_SECONDS, WINDOWS, QUEUE_SECONDS))
    return np.array([np.nan if figure is None else figure for figure in figures])


def pure_parts_us(contract: ModelContract, rhythm: Rhythm) -> dict[str, float]:
    """Microseconds of the service's pure functions: decode and window for a message, encode for a prediction."""
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
    """Of a few calls, after one that is not timed."""
    call()
    times = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)
