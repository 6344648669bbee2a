"""Measurement of what follows the model for each prediction of a stream: its steps, beside the kernel's own time.

    python -m benchmarks.serve.after_model [--rounds 3]

Microseconds of this process's CPU time for a prediction, the median over the newest predictions of an emulated glove's
stream, with the compiled C beside the Python that it computes the same as. Each form runs in a process of its own, one
after the other, and of the rounds the least counts: other programs only add to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final

import numpy as np
import orjson
import typer

from scaleglove.native.library import OFF, SWITCH

FORMS: Final = ("Python", "C")
STEPS: Final = ("kernel", "weigh", "judge", "answer", "shapes", "letters and text")
"""The kernel by itself, and what follows it."""

CASES: Final = {
    "nothing known, fresh": 15.0,
    "nothing known, 300 holds": 480.0,
    "a wearer's 3 examples a letter": 60.0,
    "American, of many people": 60.0,
}
"""Seconds of each stream. After eight minutes of the emulated glove 300 holds are remembered, and words have shown what
most of them were."""

_MEASURED: Final = 150
"""Newest predictions of each stream that count."""
_HOP_MS: Final = 100.0
_TOP_K: Final = 3
_EXAMPLES: Final = 3


def main(
    rounds: Annotated[int, typer.Option(help="Rounds, of each form in turn.")] = 3,
    here: Annotated[bool, typer.Option("--here", help="Measure once, in this process, as JSON.")] = False,
) -> None:
    """Print a table in Markdown for each case, with the share of the kernel's time that what follows it takes."""
    if here:
        typer.echo(orjson.dumps({case: _case(case) for case in CASES}))
        return
    found: dict[str, list[dict[str, dict[str, float]]]] = {each: [] for each in FORMS}
    for _ in range(rounds):
        for each in FORMS:
            command = [sys.executable, "-m", "benchmarks.serve.after_model", "--here"]
            environment = os.environ | ({SWITCH: OFF} if each == "Python" else {})
            done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)
            found[each].append(orjson.loads(done.stdout))
    for case in CASES:
        _print(case, {each: _least([one[case] for one in found[each]]) for each in FORMS})


def _least(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {step: min(one[step] for one in rounds) for step in STEPS}


def _print(case: str, forms: dict[str, dict[str, float]]) -> None:
    print(f"\n{case}\n\n| step | {' | '.join(f'{each}, us' for each in FORMS)} |\n|---|{'---:|' * len(FORMS)}")
    for step in STEPS:
        print(f"| {step} | {' | '.join(f'{forms[each][step]:.1f}' for each in FORMS)} |")
    after = {each: sum(forms[each][step] for step in STEPS[1:]) for each in FORMS}
    print(f"| after the kernel | {' | '.join(f'{after[each]:.1f}' for each in FORMS)} |")
    shares = (f"{after[each] / forms[each]['kernel']:.2f}" for each in FORMS)
    print(f"| of the kernel's time | {' | '.join(shares)} |")


@dataclass(slots=True)
class _Clock:
    """The CPU time of each step, of every prediction."""

    us: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})

    def time(self, step: str, call: Callable[[], Any]) -> Any:
        """Return what `call` returns, and note what it takes."""
        began = time.thread_time_ns()
        result = call()
        self.us[step].append((time.thread_time_ns() - began) / 1000)
        return result

    @property
    def medians(self) -> dict[str, float]:
        """Return the median of the newest predictions for each step."""
        return {step: median(figures[-_MEASURED:]) for step, figures in self.us.items()}


def _case(case: str) -> dict[str, float]:
    from models.adaptation.user_reference import Examples, UserReference
    from models.runtime.artefact import Artefact
    from models.runtime.kernel.kernel import Kernel
    from service.settings import USUAL_MODEL, shipped_models
    from service.streams.user_adaptation import NOTHING_KNOWN, Known

    name = "American_INT8" if case.startswith("American") else USUAL_MODEL
    model = Kernel.load(Artefact.load(Path(shipped_models()) / f"{name}.onnx"))
    known, own = NOTHING_KNOWN, model.reference
    assert own is not None
    if case.startswith("a wearer"):
        rows = [row for letter in range(own.classes) for row in (own.labels == letter).nonzero()[0][:_EXAMPLES]]
        known = Known(UserReference.of(Examples(own.embeddings[rows], own.labels[rows].tolist()), own.classes))
    return _stream(model, known, CASES[case])


def _stream(model: Any, known: Any, seconds: float) -> dict[str, float]:
    """Return the CPU time of each step of a stream, in microseconds a prediction."""
    from benchmarks.serve.load.messages import FRAME_MS, RATE_HZ, readings
    from scaleglove.protocol import DecoderOptions, TextOptions
    from service.inference.predictor import to_answer
    from service.streams.judgement import judge
    from service.streams.output_queue import PendingWindow
    from service.streams.shape_memory import ShapeMemory
    from service.streams.text.decoder import LetterDecoder
    from service.streams.text.transcript import Transcript
    from service.streams.user_adaptation import UserAdaptation
    from service.streams.window import DueWindow, StreamWindow

    clock, contract = _Clock(), model.contract
    vocabulary = contract.vocabulary
    adaptation, shapes = UserAdaptation(model, learns=True, known=known), ShapeMemory(contract)
    transcript = Transcript(LetterDecoder(vocabulary.names, DecoderOptions()), TextOptions(), vocabulary, 0.0)
    values = np.array(readings(round(seconds * RATE_HZ)), np.float32)
    window = StreamWindow(contract, float(RATE_HZ), _HOP_MS)
    for event in window.push(0, [FRAME_MS * number for number in range(len(values))], values):
        if not isinstance(event, DueWindow) or len(event.frames) < contract.min_frames:
            continue
        seen = adaptation.see(event.frames)
        outputs = clock.time("kernel", partial(model.run_windows, [seen]))
        pending = PendingWindow(replace(event, frames=seen), event.frames, adaptation, is_asked=True)
        evidence = clock.time("weigh", partial(adaptation.weigh, seen, outputs, event.frames))
        judged = clock.time("judge", partial(judge, pending, evidence))
        answer = partial(to_answer, vocabulary.names, judged.shown, evidence.importance, _TOP_K)
        clock.time("answer", answer)
        clock.time("shapes", partial(shapes.push, event.t_ms, event.frames, evidence.still_ms))
        clock.time("letters and text", partial(list, transcript.push(judged.scored)))
        list(adaptation.teach(transcript.take_lessons(), event.t_ms))
    return clock.medians


if __name__ == "__main__":
    typer.run(main)
