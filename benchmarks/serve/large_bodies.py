"""Time for which parsing a large request body blocks the event loop.

python -m benchmarks.serve.large_bodies
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable

import numpy as np

from service.http.bodies.binary_body import parse_query, read_binary
from service.http.bodies.json_body import JsonBody
from service.http.bodies.request import Limits, ParsedRequest
from service.http.cooperative_runner import Slices

LIMITS = Limits(8 << 20, 1024, 2000)
ROUNDS = 5


def main() -> None:
    gc.set_threshold(100_000, 50, 100)  # as in `scaleglove serve`
    windows = np.random.default_rng(0).uniform(0, 900, (1000, 150, 8)).astype("<f4")
    text = json.dumps({"windows": windows.astype(float).round(1).tolist()}, separators=(",", ":")).encode()
    reader = JsonBody(LIMITS)
    query = parse_query("frames=150")
    print("| body | MiB | total ms | longest ms at once |\n|---|---|---|---|")
    report("JSON, by pydantic at once", text, lambda: once(reader.validate, text))
    report("JSON, in slices", text, lambda: reader.read(text))
    report("raw float32, in slices", windows.tobytes(), lambda: read_binary(windows.tobytes(), query, LIMITS))


def once(read: Callable[[bytes], ParsedRequest], body: bytes) -> Slices[ParsedRequest]:
    yield
    return read(body)


def report(name: str, body: bytes, read: Callable[[], Slices[ParsedRequest]]) -> None:
    rounds = [blocked_ms(read()) for _ in range(ROUNDS)]
    whole, longest = (float(np.median([summary(blocked) for blocked in rounds])) for summary in (sum, max))
    print(f"| {name} | {len(body) / 2**20:.1f} | {whole:.0f} | {longest:.1f} |")


def blocked_ms(slices: Slices[ParsedRequest]) -> list[float]:
    """Return the duration of each slice in ms."""
    found: list[float] = []
    while True:
        begin = time.perf_counter()
        try:
            next(slices)
        except StopIteration:
            return found
        finally:
            found.append(1000 * (time.perf_counter() - begin))


if __name__ == "__main__":
    main()
