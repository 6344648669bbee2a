"""Time that a calibration takes, and what a wearer's profile costs per window.

    python -m benchmarks.serve.calibration

Requests go to a service over HTTP, as from a client. Windows are random: the times do not depend on their content.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final
from urllib.request import Request

import numpy as np
import orjson
import typer

from models.adaptation.few_shot import softmax
from models.adaptation.open_set import Reference
from models.adaptation.user_reference import Examples, UserReference
from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.client.proxies import open_url
from scaleglove.letters import LETTERS
from service.cli import read_settings
from service.server import Server
from service.settings import USUAL_MODEL, Settings, shipped_models

EXAMPLES: Final = (24, 72, 240)
_RUNS: Final = 7
_WINDOWS: Final = 2000
_START_S: Final = 30.0


def main() -> None:
    """Print the time of a calibration, and of scoring a window, by number of examples."""
    with TemporaryDirectory() as folder:
        settings = read_settings({"port": 0, "database_url": f"sqlite:///{folder}/wearers.db"})
        with _serving(settings) as address:
            for number, examples in enumerate(EXAMPLES):
                seconds = _calibrate(f"{address}/v1/wearers", f"wearer{number}", examples)
                median = statistics.median(seconds)
                typer.echo(f"{examples} examples: {median:.3f} s, at worst {max(seconds):.3f} s")
    _print_cost_of_a_window(shipped_models() / f"{settings.model or USUAL_MODEL}.onnx")


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    """Run the service in a thread and yield its address."""
    addresses: SimpleQueue[str] = SimpleQueue()
    server = Server(settings, addresses.put)
    thread = Thread(target=server.serve_until_stopped)
    thread.start()
    try:
        yield addresses.get(timeout=_START_S)
    finally:
        server.should_exit = True
        thread.join()


def _calibrate(url: str, wearer: str, examples: int) -> list[float]:
    _post(url, {"wearer": wearer})
    rng = np.random.default_rng(0)
    for number in range(examples):
        frames = rng.uniform(400, 900, (80, len(CHANNELS))).tolist()
        _post(f"{url}/{wearer}/examples", {"label": LETTERS[number % len(LETTERS)], "frames": frames})
    return [_timed(lambda: _post(f"{url}/{wearer}/calibrate", {})) for _ in range(_RUNS)]


def _post(url: str, body: Any) -> None:
    with open_url(Request(url, orjson.dumps(body), {"Content-Type": "application/json"}), 60) as answer:
        answer.read()


def _print_cost_of_a_window(path: Path) -> None:
    artefact = Artefact.load(path)
    rng = np.random.default_rng(1)
    one = artefact.run_windows([rng.uniform(400, 900, (80, len(CHANNELS))).astype(np.float32)])
    shipped = artefact.reference
    for examples in EXAMPLES:
        embeddings = rng.normal(0, 1, (examples, one.embedding.shape[1])).astype(np.float32)
        own = UserReference.of(
            Examples(embeddings, [number % len(LETTERS) for number in range(examples)]), len(LETTERS)
        )
        costs = [_window_us(reference, one) for reference in (shipped, own) if reference is not None]
        typer.echo(
            f"a window with {examples} examples: {costs[-1]:.1f} us, with the model's own prototypes {costs[0]:.1f} us"
        )


def _window_us(reference: Reference, one: Any) -> float:
    def answer() -> None:
        for _ in range(_WINDOWS):
            softmax(reference.log_scores(one.probabilities, one.embedding))

    return min(_timed(answer) for _ in range(_RUNS)) / _WINDOWS * 1e6


def _timed(call: Callable[[], None]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


if __name__ == "__main__":
    typer.run(main)
