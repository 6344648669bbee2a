"""Measurement of silence: letters recognised in an hour of a hand that signs nothing, by what it does.

    python -m benchmarks.streams.silence FOLDER ASL_FOLDER --networks FOLDER [--judge] [--rounds N]

It prints a table in Markdown. A wearer signs two phrases, then does everything of `benchmarks/streams/negatives.py`,
and so on. Each collection is left out of training in turn. Constants are chosen on all collections but the last one and
on the first people's signs of the other glove; `--judge` takes the last collection, the other people and other phrases.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.streams.cases import MIXED, REST_FRAMES, Case, Knowledge, by_letter, drawn, generator, to_sign
from benchmarks.streams.hand import Hand
from benchmarks.streams.negatives import NEGATIVES, idle_actions, negative_script
from benchmarks.streams.parts import ALL_ON, ALONE_OFF
from benchmarks.streams.profiles import profile_of
from benchmarks.streams.recognition import recognise
from benchmarks.streams.scoring import Score
from benchmarks.streams.script import MOVE_S, PHRASES, Action, Step, script
from benchmarks.streams.signed_stream import SignedStream, sign
from benchmarks.trained_networks import load, trained
from models.cli.options import DEFAULT_MODEL, make_recipe, read_recordings, read_training
from models.data.dataset import HoldOut, Recording
from models.training.recipe import Recipe

RATE_HZ: Final = 50.0
EPOCHS: Final = 30
PHRASES_A_ROUND: Final = 2
CHOSEN_ON: Final = 9
"""People of the other glove whose signs constants are chosen on; the others' are judged."""
KNOWLEDGE: Final[tuple[Knowledge, ...]] = ("nothing", "one", "three")
WAYS: Final = {"usual": ALL_ON, "alone_confidence off": ALONE_OFF}
"""Settings of the decoder; the second ones matter where the wearer's letters are known."""


@dataclass(frozen=True, slots=True)
class Row:
    """Letters recognised in an hour of each action without a letter, and the errors in percent of what was signed."""

    collection: str
    knowledge: Knowledge
    way: str
    per_hour: Mapping[Action, float]
    """Of letters that were written: not of words that were not meant."""
    all_per_hour: float
    """Of all actions of NEGATIVES together."""
    begun_per_hour: float
    """The same of all letters that began, as viewers see them."""
    errors: float
    begun_errors: float


def measure(
    recordings: Sequence[Recording], signs: Sequence[Recording], recipe: Recipe, folder: Path, rounds: int, judge: bool
) -> Iterator[Row]:
    """Yield the rows of every collection to choose on, or of the one to judge."""
    names = sorted({recording.collection for recording in recordings})
    people = sorted({recording.collection for recording in signs})
    asked = people[CHOSEN_ON:] if judge else people[:CHOSEN_ON]
    moving = [each for each in signs if each.collection in asked]
    for name in names[-1:] if judge else names[:-1]:
        case = Case(HoldOut(collections=(name,)), name, MIXED)
        model = load(trained(case.left_out, recordings, recipe, folder))
        rng = generator(int(judge), f"{name}/silence")
        own = to_sign(case, recordings)
        hand = Hand(by_letter(own), model.contract.sample_rate_hz, rng, idle=idle_actions(moving, own))
        stream = sign("", _steps(rounds, rng), hand, RATE_HZ, rng)
        rests = hand.rest_examples(REST_FRAMES)
        for knowledge in KNOWLEDGE:
            shown = [] if knowledge == "nothing" else drawn(case, recordings, knowledge, 0)
            profile = profile_of(model, shown, rests) if shown else None
            for way, parts in WAYS.items():
                if parts is ALL_ON or knowledge == "three":
                    found = recognise(model, stream, parts, profile)
                    yield row_of(name, knowledge, way, stream, (Score.of(stream, found), Score.of(stream, found.kept)))


def _steps(rounds: int, rng: np.random.Generator) -> list[Step]:
    """Return the steps of `rounds` times two phrases and everything that is no letter."""
    steps: list[Step] = []
    for _ in range(rounds):
        chosen = [PHRASES[index] for index in rng.permutation(len(PHRASES))[:PHRASES_A_ROUND]]
        for part in (script(chosen, rng), negative_script(1, rng)):
            steps += [*([Step(Action.MOVE, rng.uniform(*MOVE_S))] if steps else []), *part]
    return steps


def row_of(name: str, knowledge: Knowledge, way: str, stream: SignedStream, scores: tuple[Score, Score]) -> Row:
    """Return the letters in an hour of each action that is no letter, of a stream that is scored as its letters began
    and as they were written."""
    begun, written = scores
    seconds: defaultdict[Action, float] = defaultdict(float)
    for span in stream.spans:
        seconds[span.action] += (span.end_ms - span.start_ms) / 1000
    actions = [action for action in seconds if action is not Action.HOLD]
    per_hour: dict[Action, float] = {action: _in_an_hour(written, seconds, [action]) for action in actions}
    idle = [action for action in NEGATIVES if action in actions]
    return Row(
        name,
        knowledge,
        way,
        per_hour,
        _in_an_hour(written, seconds, idle),
        _in_an_hour(begun, seconds, idle),
        100 * written.errors / written.letters,
        100 * begun.errors / begun.letters,
    )


def _in_an_hour(score: Score, seconds: Mapping[Action, float], actions: Sequence[Action]) -> float:
    """Return the false letters in an hour of some actions together."""
    count = sum(score.false[action.value] for action in actions)
    return 3600 * count / max(1.0, sum(seconds[action] for action in actions))


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    actions = [action for action in Action if any(action in row.per_hour for row in rows)]
    named = [action.value for action in actions]
    together = ["all but move and open", "begun", "letter errors, %", "begun, %"]
    heading = ["signed by", "known", "decoder", *named, *together]
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    for row in rows:
        figures = [row.per_hour.get(action) for action in actions]
        cells = [
            "–" if figure is None else f"{figure:.0f}" for figure in (*figures, row.all_per_hour, row.begun_per_hour)
        ]
        cells += [f"{row.errors:.1f}", f"{row.begun_errors:.1f}"]
        lines.append(f"| {' | '.join([row.collection, row.knowledge, row.way, *cells])} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of recordings")
    parser.add_argument("signs", type=Path, help="folder of recordings of the other glove, american_signs")
    parser.add_argument("--networks", type=Path, required=True, help="folder in which trained networks are kept")
    parser.add_argument("--rounds", type=int, default=12, help="how often everything is done, about a minute each")
    parser.add_argument("--judge", action="store_true", help="the collection and the people that nothing is chosen on")
    given = parser.parse_args(arguments)
    recipe = make_recipe(DEFAULT_MODEL, EPOCHS, seed=0)
    other, signs = read_training(given.signs, make_recipe(DEFAULT_MODEL, EPOCHS, seed=0), "american_signs")
    moving = [each for each in signs if other.vocabulary.moving[each.label]]
    recordings = read_recordings(given.folder, recipe)
    print(table(list(measure(recordings, moving, recipe, given.networks, given.rounds, given.judge))))


if __name__ == "__main__":
    main()
