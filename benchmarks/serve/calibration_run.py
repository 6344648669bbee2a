"""How long a wearer waits for her calibration, and what her profile costs each window.

    python -m benchmarks.serve.calibration_run

A service of its own is asked over HTTP, as by a client. Windows are invented: what is measured does not hang on them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final
from urllib.request import Request, urlopen

import numpy as np
import orjson
import typer

from models.adaptation.few_shot import softmax
from models.adaptation.open_set import OpenSetReference
from models.runtime.artefact import Artefact
from scaleglove.channels import CHANNELS
from scaleglove.letters import LETTERS
from service.cli import read_settings
from service.server import Server
from service.settings import shipped_models

EXAMPLES: Final = (24, 72, 240)
_RUNS: Final = 7
_WINDOWS: Final = 2000


def main() -> None:
    """Print both."""
    with TemporaryDirectory() as folder:
        addresses: list[str] = []
        settings = read_settings({"port": 0, "database_url": f"sqlite:///{folder}/wearers.db"})
        server = Server(settings, addresses.append)
        thread = Thread(target=server.serve_until_stopped)
        thread.start()
        try:
            while not addresses:
                time.sleep(0.01)
            for number, examples in enumerate(EXAMPLES):
                seconds = _calibrate(f"{addresses[0]}/v1/wearers", f"wearer{number}", examples)
                typer.echo(f"{examples} examples: {statistics.median(seconds):.3f} s, at worst {max(seconds):.3f} s")
        finally:
            server.should_exit = True
            thread.join()
    _say_what_a_window_costs(shipped_models() / f"{settings.model}.onnx")


def _calibrate(url: str, wearer: str, examples: int) -> list[float]:
    _ask(url, {"wearer": wearer})
    rng = np.random.default_rng(0)
    for place in range(examples):
        frames = rng.uniform(400, 900, (80, len(CHANNELS))).tolist()
        _ask(f"{url}/{wearer}/examples", {"label": LETTERS[place % len(LETTERS)], "frames": frames})
    return [_timed(lambda: _ask(f"{url}/{wearer}/calibrate", {})) for _ in range(_RUNS)]


def _ask(url: str, body: Any) -> None:
    with urlopen(Request(url, orjson.dumps(body), {"Content-Type": "application/json"}), timeout=60) as answer:
        answer.read()


def _say_what_a_window_costs(path: Path) -> None:
    artefact = Artefact.load(path)
    rng = np.random.default_rng(1)
    one = artefact.run_windows([rng.uniform(400, 900, (80, len(CHANNELS))).astype(np.float32)])
    own = artefact.reference
    for examples in EXAMPLES:
        embeddings = rng.normal(0, 1, (examples, one.embedding.shape[1])).astype(np.float32)
        hers = OpenSetReference.of(embeddings, [place % len(LETTERS) for place in range(examples)])
        costs = [_window_us(reference, one) for reference in (own, hers) if reference is not None]
        typer.echo(
            f"a window by {examples} examples: {costs[-1]:.1f} us, by the model's own prototypes {costs[0]:.1f} us"
        )


def _window_us(reference: OpenSetReference, one: Any) -> float:
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
